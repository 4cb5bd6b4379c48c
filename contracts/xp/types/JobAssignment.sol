// SPDX-License-Identifier: MIT
pragma solidity 0.8.34;

import {JobState} from "./Job.sol";

/// @notice An accepted job in one slot, all that its later life needs beside client and payment; zero where nobody has accepted.
/// @dev From the lowest bit: 160 bits payee, 37 agent, 34 end of the running window in Unix seconds, 13 bond and 8 fee in basis points, 4 state.
/// A payee is never the zero address, so an accepted job is never zero. 34 bits of seconds last to the year 2514.
type JobAssignment is uint256;

using {exists, payee, agentId, until, bondBps, feeBps, state, moved} for JobAssignment global;

/// @dev Ids count from 1, and 2^37 registrations of 50,000 gas fill blocks of 60 million gas for more than forty years. The market refuses ids
/// above it.
uint256 constant MAX_AGENT_ID = (1 << 37) - 1;

uint256 constant AGENT_OFFSET = 160;
uint256 constant UNTIL_OFFSET = AGENT_OFFSET + 37;
uint256 constant UNTIL_MASK = (1 << 34) - 1;
uint256 constant BOND_OFFSET = UNTIL_OFFSET + 34;
uint256 constant BOND_MASK = (1 << 13) - 1;
uint256 constant FEE_OFFSET = BOND_OFFSET + 13;
uint256 constant STATE_OFFSET = FEE_OFFSET + 8;

/// @dev What changes at every step: the window and the state.
uint256 constant STEP_MASK = (UNTIL_MASK << UNTIL_OFFSET) | (type(uint256).max << STATE_OFFSET);

/// @dev Takes values within their widths. The state is Accepted.
function packAssignment(
    address payee_,
    uint256 agentId_,
    uint256 deadline,
    uint256 bondBps_,
    uint256 feeBps_
) pure returns (JobAssignment) {
    return
        JobAssignment.wrap(
            uint256(uint160(payee_)) |
                (agentId_ << AGENT_OFFSET) |
                (deadline << UNTIL_OFFSET) |
                (bondBps_ << BOND_OFFSET) |
                (feeBps_ << FEE_OFFSET) |
                (uint256(JobState.Accepted) << STATE_OFFSET)
        );
}

function exists(JobAssignment self) pure returns (bool) {
    return JobAssignment.unwrap(self) != 0;
}

function payee(JobAssignment self) pure returns (address) {
    return address(uint160(JobAssignment.unwrap(self)));
}

function agentId(JobAssignment self) pure returns (uint256) {
    return (JobAssignment.unwrap(self) >> AGENT_OFFSET) & MAX_AGENT_ID;
}

function until(JobAssignment self) pure returns (uint256) {
    return (JobAssignment.unwrap(self) >> UNTIL_OFFSET) & UNTIL_MASK;
}

function bondBps(JobAssignment self) pure returns (uint256) {
    return (JobAssignment.unwrap(self) >> BOND_OFFSET) & BOND_MASK;
}

function feeBps(JobAssignment self) pure returns (uint256) {
    return uint8(JobAssignment.unwrap(self) >> FEE_OFFSET);
}

/// @dev Only states of accepted jobs are ever packed; zero, where nobody has accepted, reads as Open.
function state(JobAssignment self) pure returns (JobState) {
    return JobState(JobAssignment.unwrap(self) >> STATE_OFFSET);
}

/// @dev The same assignment in the next state, whose window ends at `until_`, a time within its width.
function moved(JobAssignment self, JobState next, uint256 until_) pure returns (JobAssignment) {
    return
        JobAssignment.wrap(
            (JobAssignment.unwrap(self) & ~STEP_MASK) | (until_ << UNTIL_OFFSET) | (uint256(next) << STATE_OFFSET)
        );
}
