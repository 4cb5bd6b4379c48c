import { expect } from "chai";
import hre from "hardhat";

import { BenchChain, type Target } from "../../../bench/chain.js";
import { calldataGas, gasFloor, type Hex, toAddress, touchedBy, toWord } from "../../../bench/floor.js";

/**
 * Small contracts whose floor can be added up by hand: each expectation is the sum, written out. 21,000 and the calldata,
 * which has a test of its own, come in everywhere.
 */
describe("Gas floor", () => {
  let chain: BenchChain;
  let probe: Target;

  // Instrumentation by the coverage run writes no storage and no logs, so these sums hold there as well.
  before(async () => {
    chain = await BenchChain.start(hre);
    const neighbour = await chain.deploy("FloorNeighbour");
    const further = await chain.deploy("FloorNeighbour");
    const library = await chain.deploy("FloorLibrary");
    probe = await chain.deploy("FloorProbe", [neighbour.address, further.address], { FloorLibrary: library.address });
  });

  after(() => chain.close());

  /** Gas above 21,000 and calldata that the floor of a call counts. */
  async function beyondCalldata(method: string, args: readonly unknown[] = []): Promise<bigint> {
    const calldata = probe.interface.encodeFunctionData(method, args) as Hex;
    const call = { from: chain.account(1), to: probe, method, args };
    const { gas, floor } = await chain.aside(() => chain.measure(call));
    expect(gas > floor, "gas used stays above the floor").to.equal(true);
    return floor - 21_000n - calldataGas(calldata);
  }

  it("charges 4 for a zero byte of calldata and 16 for any other", () => {
    expect(calldataGas("0x")).to.equal(0n);
    expect(calldataGas("0x00ff0001")).to.equal(4n + 16n + 4n + 16n);
  });

  it("is EIP-7623's price where calldata outweighs what is executed", async () => {
    const args = [`0x${"ff".repeat(1_000)}${"00".repeat(100)}`];
    const calldata = probe.interface.encodeFunctionData("nothing", args);
    const zeros = (calldata.slice(2).match(/../g) ?? []).filter((byte) => byte === "00").length;
    const others = calldata.length / 2 - 1 - zeros;
    const { gas, floor } = await chain.measure({ from: chain.account(1), to: probe, method: "nothing", args });
    expect(floor).to.equal(21_000n + 10n * BigInt(zeros + 4 * others));
    expect(gas).to.equal(floor);
  });

  it("counts a slot that is read twice once", async () => {
    expect(await beyondCalldata("readTwice", [8])).to.equal(2_100n);
  });

  it("charges a filled, a changed, a kept and a cleared slot each its price", async () => {
    expect(await beyondCalldata("write", [0, 5]), "0 → 5").to.equal(22_100n);
    expect(await beyondCalldata("write", [8, 5]), "1 → 5").to.equal(5_000n);
    expect(await beyondCalldata("write", [8, 1]), "1 → 1").to.equal(2_200n);
    expect(await beyondCalldata("write", [0, 0]), "0 → 0").to.equal(2_200n);
    expect(await beyondCalldata("clearOne"), "1 → 0").to.equal(5_000n - 4_800n);
  });

  it("judges a slot by its first and last value", async () => {
    expect(await beyondCalldata("writeTwice", [0, 5, 6]), "0 → 5 → 6").to.equal(22_100n);
    expect(await beyondCalldata("writeTwice", [0, 5, 0]), "0 → 5 → 0").to.equal(2_200n);
    expect(await beyondCalldata("writeTwice", [8, 5, 1]), "1 → 5 → 1").to.equal(2_200n);
    expect(await beyondCalldata("writeTwice", [8, 0, 5]), "1 → 0 → 5").to.equal(5_000n);
    expect(await beyondCalldata("changeThenClear"), "1 → 5 → 0").to.equal(5_000n - 4_800n);
  });

  it("caps the refund at a fifth", async () => {
    const calldata = probe.interface.encodeFunctionData("clear", [8, 16]) as Hex;
    const spent = 21_000n + calldataGas(calldata) + 8n * 5_000n;
    expect(8n * 4_800n > spent / 5n).to.equal(true);
    expect(await beyondCalldata("clear", [8, 16])).to.equal(8n * 5_000n - spent / 5n);
  });

  it("charges each log by its topics and bytes", async () => {
    expect(await beyondCalldata("logs")).to.equal(375n + (3n * 375n + 32n * 8n) + (5n * 375n + 5n * 8n));
  });

  it("charges nothing for addresses that are warm from the start", async () => {
    expect(await beyondCalldata("warmAddresses"), "the slot it reads").to.equal(2_100n);
  });

  it("charges a cold address once", async () => {
    expect(await beyondCalldata("coldAddress", [chain.account(7)])).to.equal(2_600n);
    expect(await beyondCalldata("coldAddress", [`0x${"0".repeat(38)}12`]), "past the precompiles").to.equal(2_600n);
  });

  it("finds the account of each instruction that touches one", () => {
    const account = 0xabcdn;
    const operands = (position: number): Hex[] =>
      Array.from({ length: 7 }, (_, i) => toWord(7 - i === position ? account : 1n));
    const steps = [
      ...["BALANCE", "EXTCODESIZE", "EXTCODECOPY", "EXTCODEHASH"].map((op) => ({ op, stack: operands(1) })),
      ...["CALL", "CALLCODE", "DELEGATECALL", "STATICCALL"].map((op) => ({ op, stack: operands(2) })),
    ];
    for (const step of steps) {
      const { addresses } = touchedBy([{ ...step, depth: 1 }], "0x01");
      expect(addresses, step.op).to.deep.equal([toAddress(account)]);
    }
  });

  it("tells the slots of two contracts apart", async () => {
    expect(await beyondCalldata("neighbourReads"), "slot 0 of both").to.equal(2_600n + 2n * 2_100n);
    expect(await beyondCalldata("neighbourWrites", [7])).to.equal(2_600n + 22_100n);
  });

  it("counts what a library writes as its caller's", async () => {
    expect(await beyondCalldata("libraryWrites", [7])).to.equal(2_600n + 22_100n);
  });

  it("counts what a reverted call wrote as read, and none of its logs", async () => {
    expect(await beyondCalldata("neighbourReverts"), "two accounts, a slot of each").to.equal(2n * (2_600n + 2_100n));
  });

  it("does the same where the call ran out of gas", async () => {
    expect(await beyondCalldata("neighbourRunsOut")).to.equal(2_600n + 2_100n);
  });

  it("counts a write that is done again after the revert", async () => {
    expect(await beyondCalldata("neighbourRevertsThenWrites")).to.equal(2_600n + 22_100n + 2_600n + 2_100n);
  });

  it("refuses a transaction that creates a contract", async () => {
    const failure = await chain
      .measure({ from: chain.account(1), to: probe, method: "makes" })
      .then(() => undefined)
      .catch((error: unknown) => error);
    expect(failure)
      .to.be.instanceOf(Error)
      .with.property("message")
      .that.matches(/not defined .* CREATE/);
  });

  it("is 21,000 for a transaction that does nothing", () => {
    expect(gasFloor({ calldata: "0x", slots: [], coldAddresses: 0, logs: [] })).to.equal(21_000n);
  });
});
