/** XE/XUSD: the faces beside a plain token, the ledger's own moves, and leases. */

import { MaxUint256, ZeroAddress } from "ethers";

import type { BenchChain, Call, Target } from "../chain.js";
import type { Hex } from "../floor.js";
import type { GasSection } from "../report.js";
import { Rows } from "./compare.js";

const TOKEN = 10n ** 18n;
const DAY = 86_400n;
const XUSD = "0x5855534400000000";

/** The most that the design allows. */
const LIMITS = { transfer: 95_000n, lease: 150_000n, accept: 110_000n, settle: 130_000n } as const;

/** A lease of 4 vCPUs, 8 GB of memory and 100 GB of disk for three days: 19 XUSD. */
const TERMS = [4, 8_192, 100, 3n * DAY] as const;

const call = (from: Hex, to: Target, method: string, ...args: unknown[]): Call => ({ from, to, method, args });

/** An account that has done nothing. */
const nobody = (number: number): Hex => `0x${(0xfee6000 + number).toString(16).padStart(40, "0")}`;

/** Measures the ledger on a chain of its own. */
export async function xeSection(chain: BenchChain): Promise<GasSection> {
  const [owner, ada, ben, cy, dan] = [0, 1, 2, 3, 4].map((index) => chain.account(index)) as [Hex, Hex, Hex, Hex, Hex];
  const manager = await chain.deploy("AccessManager", [owner]);
  const ledger = await chain.deploy("DualAssetLedger", [manager.address, true, owner, 1_000_000n * TOKEN]);
  const face = async (asset: string): Promise<Target> =>
    chain.at("AssetFace", (await chain.read(ledger, asset)) as Hex);
  const [xe, xusd] = [await face("xe"), await face("xusd")];
  const plain = await chain.deployBench("BenchPlainToken", [1_000_000n * TOKEN]);
  for (const who of [ada, ben, cy, dan]) {
    await chain.send(call(owner, xusd, "transfer", who, 10_000n * TOKEN));
    await chain.send(call(owner, plain, "transfer", who, 10_000n * TOKEN));
  }
  const rows = new Rows(chain);

  /** The hash of the last block of an account. */
  const head = (who: Hex): Promise<Hex> => chain.read(ledger, "headOf", [who]) as Promise<Hex>;
  const lease = (provider: Hex): Call => call(ada, ledger, "lease", TERMS, provider, MaxUint256);
  const open = async (provider: Hex): Promise<Hex> => {
    await chain.send(lease(provider));
    return head(ada);
  };
  const accepted = async (): Promise<Hex> => {
    const id = await open(ZeroAddress as Hex);
    await chain.send(call(ben, ledger, "acceptLease", id));
    return id;
  };
  await chain.send(call(cy, ledger, "delegate", cy));
  const opening = { ...lease(ZeroAddress as Hex), from: cy };
  await rows.add("lease", "the first of a ledger, of a consumer who delegates", [
    () => chain.measure(opening),
    undefined,
  ]);
  // Somebody settles a lease first, so that there is XE to move.
  const first = await accepted();
  chain.wait(3n * DAY);
  await chain.send(call(ben, ledger, "settleLease", first));
  await chain.send(call(ben, xe, "transfer", ada, TOKEN));

  const transfers = async (given: string, token: Target, from: Hex, to: Hex, limit?: bigint): Promise<void> => {
    const move = (of: Target): Call => call(from, of, "transfer", to, TOKEN);
    await rows.add("transfer", given, [() => chain.measure(move(token)), () => chain.measure(move(plain))], limit);
  };
  await transfers("XE, to a known account", xe, ben, ada, LIMITS.transfer);
  await transfers("XE, to an unknown account", xe, ben, nobody(1));
  await transfers("XUSD, to a known account", xusd, ada, ben, LIMITS.transfer);
  await transfers("XUSD, to an unknown account", xusd, ada, nobody(2));
  await transfers("XUSD, one side delegates", xusd, cy, ada);
  await chain.send(call(dan, ledger, "delegate", dan));
  await transfers("XUSD, both sides delegate, to different accounts", xusd, cy, dan);

  const send = call(ada, ledger, "send", XUSD, ben, TOKEN);
  await rows.add("send", "XUSD", [() => chain.measure(send), undefined]);
  await chain.send(send);
  const source = await head(ada);
  const receive = call(ada, ledger, "receivePending", ben, source);
  await rows.add("receivePending", "of a known account", [() => chain.measure(receive), undefined]);
  const claim = call(nobody(3), ledger, "claim");
  await rows.add("claim of XUSD", "the first of an account, of nothing before", [
    () => chain.measure({ ...claim, from: chain.account(5) }),
    undefined,
  ]);
  await rows.add("delegate of XUSD", "to itself", [() => chain.measure(call(ada, ledger, "delegate", ada)), undefined]);

  await rows.add("lease", "open to anybody", [() => chain.measure(lease(ZeroAddress as Hex)), undefined], LIMITS.lease);
  await rows.add(
    "lease",
    "of a consumer who delegates",
    [() => chain.measure({ ...lease(ZeroAddress as Hex), from: cy }), undefined],
    LIMITS.lease,
  );
  const id = await open(ZeroAddress as Hex);
  await rows.add("cancelLease", "that nobody accepted", [
    () => chain.measure(call(ada, ledger, "cancelLease", id)),
    undefined,
  ]);
  const accept = (from: Hex): Call => call(from, ledger, "acceptLease", id);
  await rows.add("acceptLease", "of a known provider", [() => chain.measure(accept(ben)), undefined], LIMITS.accept);
  await rows.add("acceptLease", "of a provider who delegates", [() => chain.measure(accept(cy)), undefined]);
  await chain.send(accept(ben));
  const object = call(ada, ledger, "objectToLease", id);
  await rows.add("objectToLease", "during the term", [() => chain.measure(object), undefined]);
  await rows.add(
    "settleLease",
    "after the term",
    [
      async () => {
        chain.wait(3n * DAY);
        return chain.measure(call(ben, ledger, "settleLease", id));
      },
      undefined,
    ],
    LIMITS.settle,
  );
  await chain.send(object);
  const rule = (upheld: boolean): Call => call(owner, ledger, "rule", id, upheld);
  await rows.add("rule", "upheld", [() => chain.measure(rule(true)), undefined]);
  await rows.add("rule", "rejected", [() => chain.measure(rule(false)), undefined]);
  await rows.add(
    "settleLease",
    "with an objection that nobody ruled on",
    [
      async () => {
        chain.wait(8n * DAY);
        return chain.measure(call(ben, ledger, "settleLease", id));
      },
      undefined,
    ],
    LIMITS.settle,
  );
  await chain.send({ ...lease(ZeroAddress as Hex), from: dan });
  const theirs = await head(dan);
  await chain.send(call(cy, ledger, "acceptLease", theirs));
  await chain.send(call(dan, ledger, "objectToLease", theirs));
  await rows.add("settleLease", "with such an objection, of two who delegate", [
    async () => {
      chain.wait(8n * DAY);
      return chain.measure(call(ben, ledger, "settleLease", theirs));
    },
    undefined,
  ]);
  return {
    id: "xe",
    title: "XE/XUSD: faces, ledger, leases",
    note:
      "A transfer through a face is a send and its receive: two blocks, whose hashes and events are part of it. Beside it stands OpenZeppelin's ERC-20 with " +
      "nothing added, which keeps no chain. An account is known once it has a block. For the ledger's own calls and for leases there is no peer. " +
      "Limits are for accounts that delegate to nobody: whoever does pays for a checkpoint of each delegate whose votes change, some 35,000 gas.",
    peers: ["OpenZeppelin's ERC-20"],
    rows: rows.rows,
  };
}
