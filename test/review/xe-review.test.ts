import { expect } from "chai";
import { AbiCoder, MaxUint256, parseEther, ZeroAddress, type Log } from "ethers";

import { encodeAsset } from "../../src/xe/asset.js";
import { LedgerLog } from "../../src/xe/replay.js";
import { checkChain, describeChain } from "../../tasks/xe/chain.js";
import * as xe from "../../tasks/xe/flows.js";
import { listLeases, readLedger } from "../../tasks/xe/views.js";
import { type Session, sessionOf } from "../../tasks/support/session.js";
import { deployed, refusal } from "../support/tasks.js";

const TERMS = { vcpus: "4", memory: "8192", disk: "100", duration: "3d", provider: "", maxCost: "" };

/** Each test says what ought to hold; it is red where the ledger, a command or a page does not keep it. */
describe("review of XE", () => {
  const local = deployed("xe", 5);
  let rich: Session;
  let arbiter: Session;

  before(async () => {
    const { connection, deployment, session, other } = local();
    rich = await sessionOf(connection, deployment, "1");
    arbiter = await sessionOf(connection, deployment, "9");
    for (const { account } of [session, other, arbiter]) {
      await xe.sendAsset(rich, { asset: "XUSD", to: account, amount: "1000" });
      await xe.receive(rich, { for: account, source: "" });
    }
  });

  const idOf = async (session: Session): Promise<string> =>
    (await listLeases(session, { account: "", all: true })).leases.at(-1)?.id ?? "none";

  /** The session over a node that answers some calls otherwise. */
  function over(session: Session, change: (target: Session["connection"]["ethers"]["provider"], key: PropertyKey) => unknown): Session {
    const { connection } = session;
    const provider = new Proxy(connection.ethers.provider, {
      get(target, key) {
        const other = change(target as never, key);
        if (other !== undefined) return other;
        const value = Reflect.get(target, key) as unknown;
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
    return { ...session, connection: { ...connection, ethers: { ...connection.ethers, provider } } as never };
  }

  /** A node that changes the last log of the ledger in one way. */
  const tampering = (session: Session, change: (log: Log) => Partial<Pick<Log, "data" | "topics">>): Session =>
    over(session, (target, key) =>
      key !== "getLogs"
        ? undefined
        : async (filter: never) => {
            const logs = await target.getLogs(filter);
            return logs.map((log, i) =>
              i === logs.length - 1
                ? { address: log.address, topics: log.topics, data: log.data, blockNumber: log.blockNumber, index: log.index, ...change(log) }
                : log,
            );
          },
    );

  it("1. `xe chain` of the ledger's own address should not accuse the node", async () => {
    const { session, other, connection, deployment } = local();
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "1" });
    const own = await sessionOf(connection, deployment, await deployment.xe.ledger.getAddress());
    const checked = await checkChain(own);
    console.log(describeChain(checked));
    expect(checked.equal).to.equal(true);
  });

  it("2a. the arbiter should take nothing for itself, as docs/xe.md says: not as a provider", async () => {
    const { session } = local();
    await xe.lease(session, { ...TERMS });
    const id = await idOf(session);
    await xe.accept(arbiter, { id });
    await xe.objectTo(session, { id });
    const before = await arbiter.deployment.xe.ledger.balanceOf(arbiter.account, encodeAsset("XUSD"));
    await xe.rule(arbiter, { id, uphold: false, reject: true });
    const after = await arbiter.deployment.xe.ledger.balanceOf(arbiter.account, encodeAsset("XUSD"));
    expect(after - before).to.equal(0n);
  });

  it("2b. nor judge its own objection", async () => {
    const { other } = local();
    await xe.lease(arbiter, { ...TERMS });
    const id = await idOf(arbiter);
    await xe.accept(other, { id });
    await xe.objectTo(arbiter, { id });
    expect(await refusal(xe.rule(arbiter, { id, uphold: true, reject: false }))).to.not.equal("nothing was refused");
  });

  it("3a. a log with a byte changed in the padding of the asset should be pointed at", async () => {
    const { session } = local();
    const lied = tampering(session, ({ data }) => ({ data: `${data.slice(0, 2 + 126)}20${data.slice(2 + 128)}` }));
    await xe.claim(session);
    const checked = await checkChain(lied);
    expect(checked.equal).to.equal(false);
  });

  it("3b. a log with a changed high byte of the type should be pointed at", async () => {
    const { session } = local();
    await xe.claim(session);
    const lied = tampering(session, ({ data }) => ({ data: `0xff${data.slice(4)}` }));
    expect((await checkChain(lied)).equal).to.equal(false);
  });

  it("3c. a log cut short should be pointed at by block, not end in an error of a library", async () => {
    const { session } = local();
    await xe.claim(session);
    const lied = tampering(session, ({ data }) => ({ data: data.slice(0, -64) }));
    const outcome = await checkChain(lied).then(
      ({ misfit }) => (misfit ? "pointed at" : "nothing"),
      (error: unknown) => (error as Error).message,
    );
    expect(outcome).to.equal("pointed at");
  });

  it("4. `xe status` should not ask the node once for each dust send that was ever received", async () => {
    const { session, other } = local();
    for (let i = 0; i < 30; i++) await xe.sendAsset(rich, { asset: "XUSD", to: other.account, amount: "0.000000000000000001" });
    await xe.receive(session, { for: other.account, source: "" });
    let calls = 0;
    const { ledger } = other.deployment.xe;
    const counting = new Proxy(ledger, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (key === "pendingOf") calls++;
        return typeof value === "function" && key !== "pendingOf" ? value.bind(target) : value;
      },
    });
    const counted = { ...other, deployment: { ...other.deployment, xe: { ...other.deployment.xe, ledger: counting } } };
    const { pending } = await readLedger(counted as never);
    expect(pending).to.have.length(0);
    expect(calls).to.be.lessThan(10);
  });

  it("5. `xe receive` should bring a payment though 50 sends of dust came before it", async () => {
    const { session, other } = local();
    const { ledger } = rich.deployment.xe;
    const signer = rich.signer;
    if (!signer) throw new Error("no signer");
    const dust = ledger.interface.encodeFunctionData("send", [encodeAsset("XUSD"), other.account, 1n]);
    await (await ledger.connect(signer).multicall(Array.from({ length: 50 }, () => dust))).wait();
    await xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "500" });
    const before = await ledger.balanceOf(other.account, encodeAsset("XUSD"));
    await xe.receive(other, { for: "", source: "" });
    expect((await ledger.balanceOf(other.account, encodeAsset("XUSD"))) - before).to.be.greaterThan(parseEther("1"));
  });

  it("6. a refusal should show two amounts that differ as different", async () => {
    const { session, other } = local();
    const said = await refusal(
      xe.sendAsset(session, { asset: "XUSD", to: other.account, amount: "1000.000000000000000001" }),
    );
    console.log(said);
    const [, has, needs] = /has ([\d.,]+) XUSD, and ([\d.,]+) XUSD are needed/.exec(said) ?? [];
    expect(Number(needs?.replace(",", ""))).to.be.greaterThan(Number(has?.replace(",", "")));
  });

  it("7. `xe chain` should work on a node that keeps the state of the last 128 blocks and reads logs slowly", async () => {
    const { session, connection } = local();
    await xe.claim(session);
    const pruned = over(session, (target, key) => {
      if (key === "getLogs")
        return async (filter: never) => {
          const logs = await target.getLogs(filter);
          await connection.networkHelpers.mine(129);
          return logs;
        };
      return undefined;
    });
    const { ledger } = session.deployment.xe;
    const asked: unknown[] = [];
    const watching = new Proxy(ledger, {
      get(target, key) {
        const value = Reflect.get(target, key) as unknown;
        if (key !== "headOf") return typeof value === "function" && key !== "balanceOf" ? value.bind(target) : value;
        return async (account: string, at: { blockTag: number }) => {
          const newest = await connection.ethers.provider.getBlockNumber();
          asked.push(newest - at.blockTag);
          return ledger.headOf(account, at);
        };
      },
    });
    await checkChain({ ...pruned, deployment: { ...session.deployment, xe: { ...session.deployment.xe, ledger: watching } } } as never);
    expect(Number(asked[0])).to.be.lessThan(128);
  });

  it("8. XUSD sent to a face, whose tokens nobody can move, should be refused as the ledger's own address is", async () => {
    const { session, deployment } = local();
    const face = await deployment.xe.ledger.xusd();
    expect(await refusal(xe.sendAsset(session, { asset: "XUSD", to: face, amount: "5" }))).to.not.equal("nothing was refused");
  });

  it("9. each call that moves money has a view of what it will do: the stake and the bond of a lease there is", () => {
    const names = local().deployment.xe.ledger.interface.fragments.map((f) => ("name" in f ? String(f.name) : ""));
    for (const view of [/preview(Accept|Stake)/, /preview(Object|Bond)/]) expect(names.some((n) => view.test(n))).to.equal(true);
  });
  void [AbiCoder, MaxUint256, ZeroAddress, LedgerLog];
});
