import { expect } from "chai";
import { Interface, type JsonFragment } from "ethers";
import hre from "hardhat";

import xen from "@faircrypto/xen-crypto/build/contracts/XENCrypto.json" with { type: "json" };
import xenBurnable from "@faircrypto/xen-crypto/build/contracts/IBurnableToken.json" with { type: "json" };
import xenBurnRedeemable from "@faircrypto/xen-crypto/build/contracts/IBurnRedeemable.json" with { type: "json" };
import xenRanked from "@faircrypto/xen-crypto/build/contracts/IRankedMintingToken.json" with { type: "json" };
import xenStaking from "@faircrypto/xen-crypto/build/contracts/IStakingToken.json" with { type: "json" };

type Parameter = NonNullable<JsonFragment["inputs"]>[number];

/** What a caller or an indexer can tell of a parameter; names are left out where `named` is false. */
function describeParameter({ type, name, indexed, components }: Parameter, named: boolean): unknown {
  return {
    type,
    ...(named && { name }),
    ...(indexed !== undefined && { indexed }),
    ...(components && { components: components.map((part) => describeParameter(part, true)) }),
  };
}

/**
 * An entry of an ABI in a form that can be compared: input names of functions are documentation, those of outputs and of event arguments are what
 * software reads results by.
 */
function describeEntry({ type, name, inputs, outputs, stateMutability, anonymous }: JsonFragment): string {
  return JSON.stringify({
    type,
    name,
    inputs: inputs?.map((input) => describeParameter(input, type === "event")),
    ...(type === "function" && { outputs: outputs?.map((output) => describeParameter(output, true)), stateMutability }),
    ...(type === "event" && { anonymous }),
  });
}

function entries(abi: readonly JsonFragment[]): string[] {
  return abi.filter(({ type }) => type === "function" || type === "event").map(describeEntry);
}

/** The ERC-165 id of an interface: all its selectors, exclusive-or. */
function interfaceId(abi: readonly JsonFragment[]): bigint {
  let id = 0n;
  new Interface(abi).forEachFunction(({ selector }) => (id ^= BigInt(selector)));
  return id;
}

async function abiOf(name: string): Promise<readonly JsonFragment[]> {
  return (await hre.artifacts.readArtifact(name)).abi as readonly JsonFragment[];
}

describe("XRank's interface beside XEN's", () => {
  it("has every function and event of XEN, entry by entry", async () => {
    const ours = new Set(entries(await abiOf("XRank")));
    const theirs = entries(xen.abi);
    expect(theirs.length).to.equal(60);
    expect(theirs.filter((entry) => !ours.has(entry))).to.deep.equal([]);
  });

  it("adds previews, the penalty table and permit, and nothing else", async () => {
    const theirs = new Set(entries(xen.abi));
    const added = (await abiOf("XRank")).filter((entry) => entries([entry]).some((line) => !theirs.has(line)));
    expect(added.map(({ name }) => name).sort()).to.deep.equal([
      "DOMAIN_SEPARATOR",
      "EIP712DomainChanged",
      "eip712Domain",
      "nonces",
      "penaltyPct",
      "permit",
      "previewMintReward",
      "previewStakeReward",
    ]);
  });

  it("needs nothing at deployment, as XEN", async () => {
    const constructors = (await abiOf("XRank")).filter(({ type }) => type === "constructor");
    expect(constructors.map(({ inputs, stateMutability }) => ({ inputs, stateMutability }))).to.deep.equal([
      { inputs: [], stateMutability: "nonpayable" },
    ]);
  });

  it("keeps the ids of XEN's interfaces", async () => {
    for (const [name, theirs] of [
      ["IBurnableToken", xenBurnable],
      ["IBurnRedeemable", xenBurnRedeemable],
      ["IRankedMintingToken", xenRanked],
      ["IStakingToken", xenStaking],
    ] as const) {
      const ours = await abiOf(name);
      expect(interfaceId(ours), name).to.equal(interfaceId(theirs.abi));
      expect(entries(ours), name).to.have.members(entries(theirs.abi));
    }
  });
});
