import { parseEther, ZeroHash } from "ethers";

import * as nodes from "../../tasks/nodes/flows/delegators.js";
import { open as openNode } from "../../tasks/nodes/flows/operators.js";
import { proposeShares } from "../../tasks/gov/flows/propose.js";
import { vote } from "../../tasks/gov/flows/vote.js";
import * as rank from "../../tasks/rank/flows.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import * as xe from "../../tasks/xe/flows.js";
import { listLeases } from "../../tasks/xe/views.js";
import { accept, open as openJob } from "../../tasks/xp/flows/jobs.js";
import { ask } from "../../tasks/xp/flows/trade.js";
import type { deployed } from "./tasks.js";
import { asTreasury, giveXmex } from "./xmeTasks.js";
import { electorate, openVoting } from "./xmeVoters.js";
import { fillPool, JOB, MINTER_ROLE, startWork } from "./xpTasks.js";

type Local = ReturnType<ReturnType<typeof deployed>>;

/** Accounts that the local parameters name. */
const [RICH, PUBLISHER] = ["1", "6"];
export const TERMS = { vcpus: "4", memory: "8192", disk: "100", duration: "3d", provider: "", maxCost: "" } as const;
/** XMEX that are delegated. */
export const DELEGATED = "10000";

/** What the tests of the screen act with after a week and a day in which something happened in every economy. */
export interface World {
  readonly voters: readonly Session[];
  /** X.me's proposal, which is in vote, and XE's, whose vote is to come. */
  readonly proposals: { readonly xme: bigint; readonly xe: bigint };
  /** The epoch of social mining that has a root. */
  readonly published: bigint;
}

/** Lets something happen in every economy of a fresh suite, by the commands that its users have. */
export async function live(local: Local): Promise<World> {
  const { connection, deployment, session, other, time, later } = local;
  const { account } = session;
  await rank.claim(session, { term: "1" });
  await rank.claim(other, { term: "100" });
  const voters = await electorate(connection, deployment, 10);
  await giveXmex(local, account, "1000000");
  const [operator] = voters;
  if (!operator?.signer) throw new Error("voters are accounts of the chain");
  await deployment.xme.publicSale
    .connect(session.signer)
    .buy(account, parseEther("200000"), 1n, { value: parseEther("20") });
  await openNode(session, { bond: "100000", commission: "5", uri: "ipfs://node" });
  await nodes.delegate(session, { node: "1", amount: DELEGATED });
  await work(local);
  const published = await publishWeek(local, await deployment.xme.socialMining.currentEpoch());
  await rank.mint(session, { stakePercent: "50", stakeTerm: "100" });
  const asked = await proposeShares(operator, {
    title: "More for votes",
    description: "",
    anyway: false,
    shares: "40,20,20,20",
  });
  const xme = asked.transaction.logs.find(({ event }) => event === "ProposalCreated")?.args.proposalId as bigint;
  await openVoting(connection, deployment, xme);
  await vote(operator, { id: String(xme), support: "for", reason: "", signature: "" });
  const xeProposal = await lease(local);
  await time.increase(3_600);
  await later(0);
  return { voters, proposals: { xme, xe: xeProposal }, published };
}

/** An agent with a job in work, XP for sale, and a pool that can be traded in. */
async function work(local: Local): Promise<void> {
  const { connection, deployment, session, other } = local;
  const { accessManager } = deployment.xp;
  const rich = await sessionOf(connection, deployment, RICH);
  await asTreasury(local, async (treasury) => {
    await accessManager.connect(treasury).grantRole(MINTER_ROLE, rich.account, 0n);
  });
  await fillPool(local);
  await startWork(local);
  await openJob(other, JOB);
  await openJob(other, JOB);
  await accept(session, { job: "1", agent: "1", maxFee: "" });
  await deployment.xp.xp.connect(rich.signer).mint(session.account, parseEther("100"));
  await ask(session, { amount: "40", price: "0.03" });
}

/** A root for the epoch that ends, by who may give one. */
async function publishWeek({ connection, deployment, time }: Local, epoch: bigint): Promise<bigint> {
  const { socialMining } = deployment.xme;
  const publisher = await sessionOf(connection, deployment, PUBLISHER);
  await time.increaseTo((epoch + 1n) * 604_800n + 3_600n);
  const root = ZeroHash.replace(/0$/, "1");
  await socialMining.connect(publisher.signer).publish(epoch, root, 100n, "ipfs://log", root);
  return epoch;
}

/** Leases that wait, run, and are objected to, and a proposal that nobody can vote on yet. */
async function lease({ connection, deployment, session, other }: Local): Promise<bigint> {
  const rich = await sessionOf(connection, deployment, RICH);
  for (const { account } of [session, other]) {
    await xe.sendAsset(rich, { asset: "XUSD", to: account, amount: "1000" });
    await xe.receive(rich, { for: account, source: "" });
  }
  for (let i = 0; i < 3; i++) await xe.lease(session, TERMS);
  const { leases } = await listLeases(session, { account: "", all: true });
  const [first, second] = leases.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error("three leases were opened");
  await xe.accept(other, { id: first });
  await xe.accept(other, { id: second });
  await xe.objectTo(session, { id: second });
  await xe.delegate(rich, { delegate: "me" });
  const { ledger, governor } = deployment.xe;
  await connection.networkHelpers.mine();
  const call = ledger.interface.encodeFunctionData("setRates", [{ perVCpu: 30n, perMemoryGB: 10n, perDiskGB: 1n }]);
  const asked = [[await ledger.getAddress()], [0n], [call], "# Dearer vCPUs"] as const;
  const id = await governor
    .connect(rich.signer)
    .propose.staticCall(...(asked as never as Parameters<typeof governor.propose>));
  await governor.connect(rich.signer).propose(...(asked as never as Parameters<typeof governor.propose>));
  return id;
}
