// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

/// @dev What a block does. The first six are the source's, in its order ("Asset rules by block type"); the other four are choices for what the
///      source leaves open. `None` is no block, so that an encoding of zeros is none either.
///
///      - `Send`: XE or XUSD leaves the account and is pending for the destination; link: the destination.
///      - `Receive`: what was sent arrives, in the asset of the send; link: the send's hash.
///      - `Claim`: 100 XUSD from the faucet; link: zero.
///      - `Lease`: the consumer pays the cost in XUSD; link: the hash of the lease's terms.
///      - `LeaseAccept`: the provider stakes XUSD; link: the lease.
///      - `LeaseSettle`: the provider earns XE, and as a side effect its XUSD stake comes back; link: the lease.
///      - `LeaseCancel`: the consumer takes the cost of a lease back that nobody accepted; link: the lease.
///      - `LeaseObject`: the consumer puts up a bond in XUSD; link: the lease.
///      - `LeaseBond`: the bond is paid out in XUSD, to the consumer or to the provider; link: the lease.
///      - `Mint`: new XUSD by the initial amount or by governance; link: zero.
enum BlockType {
    None,
    Send,
    Receive,
    Claim,
    Lease,
    LeaseAccept,
    LeaseSettle,
    LeaseCancel,
    LeaseObject,
    LeaseBond,
    Mint
}
