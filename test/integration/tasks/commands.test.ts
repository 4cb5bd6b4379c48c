import { join } from "node:path";

import { expect } from "chai";
import { AbiCoder, type ErrorFragment, Interface, MaxUint256, type ParamType } from "ethers";
import hre from "hardhat";

import {
  decodeArtifactCustomError,
  decodeError,
} from "../../../node_modules/@nomicfoundation/ignition-core/dist/src/internal/execution/abi.js";
import { formatFailedEvmExecutionResult } from "../../../node_modules/@nomicfoundation/ignition-core/dist/src/internal/formatters.js";

import {
  allRecords,
  type ContractRecord,
  CONTRACTS,
  ECONOMIES,
  type Economy,
} from "../../../src/deployment/contracts.js";
import { ExplainedError } from "../../../src/deployment/explained-error.js";
import { DeploymentFolder } from "../../../src/deployment/folder.js";
import { plainRefusal, refusalTold } from "../../../src/deployment/refusal.js";
import { tasks } from "../../../tasks/index.js";
import { isSending } from "../../../tasks/support/command.js";
import { givenRecipient } from "../../../tasks/support/recipient.js";
import { refusedBy } from "../../../tasks/support/session.js";
import { rpc } from "../../support/anvil.js";
import { deployed, recorded, shell } from "../../support/tasks.js";

interface Option {
  readonly name: string;
  readonly type: string;
  readonly defaultValue: unknown;
}

interface Command {
  readonly id: readonly string[];
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  readonly positionalArguments: readonly { readonly name: string }[];
  readonly action?: () => Promise<{ default: unknown }>;
}

/** Commands of whoever deploys and measures, which are no flows of a user. */
const NO_FLOWS = /^(deploy|roles|status|verify|demo|bench|xe vectors)/;
/** Of those, what whoever measures has beside `npm run`. */
const MEASURING = /^(demo|bench|xe vectors)/;
/** Commands that work on files alone. */
const ON_FILES = /^airdrop (build|proof|verify|sample)$/;
/** Commands that sign, and leave the sending to others. */
const SIGNING = /^(gov sign-vote|xp consent)$/;

const nameOf = ({ id }: Command): string => id.join(" ");
const named = (tasks as unknown as readonly Command[]).filter(({ action }) => action !== undefined);
const flows = named.filter((task) => !NO_FLOWS.test(nameOf(task)));

/** The words of a command line, as a shell splits them. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

const exampleOf = ({ description }: Command): string => description.split(" Example: hardhat ")[1] ?? "";

describe("every command", () => {
  it("should have a description with an example, which --help prints", async () => {
    const deploying = named.filter((name) => NO_FLOWS.test(nameOf(name)) && !MEASURING.test(nameOf(name)));
    expect(deploying.map(nameOf).sort()).to.deep.equal([
      "deploy",
      "roles",
      "status",
      "verify-deployment",
      "verify-local",
    ]);
    for (const command of [...flows, ...deploying]) {
      expect(command.description, nameOf(command)).to.match(/^[A-Z][^\n]*[^.]\. Example: hardhat [^\n]+$/);
      expect(exampleOf(command)).to.match(new RegExp(`^${nameOf(command)}( |$)`));
    }
    expect(flows).to.have.length.above(140);
    const { output } = await shell(["rank", "claim", "--help"], {});
    expect(output).to.contain("Example: hardhat rank claim --term 100 --network localhost\n");
    for (const option of ["account", "calldata", "deployment", "json", "safe", "yes"]) {
      expect(output).to.contain(`  --${option} `);
    }
  });

  it("should have the options that commands of its kind have", async () => {
    const common = ["json", "deployment"];
    const ofSending = ["account", "yes", "calldata", "safe"];
    let senders = 0;
    for (const command of flows) {
      const name = nameOf(command);
      const names = Object.keys(command.options);
      const { default: action } = await (command.action as () => Promise<{ default: unknown }>)();
      if (isSending(action)) {
        senders++;
        expect(names, name).to.include.members([...common, ...ofSending]);
      } else if (SIGNING.test(name)) {
        expect(names, name).to.include.members([...common, "account", "yes"]);
      } else {
        expect(names, name).to.include.members(ON_FILES.test(name) ? ["json"] : common);
        for (const option of ["yes", "calldata", "safe"]) expect(names, name).not.to.include(option);
      }
    }
    expect(senders).to.be.above(95);
  });

  it("should have an example that Hardhat would take", () => {
    const globals = new Set(["network"]);
    for (const command of flows) {
      const left = wordsOf(exampleOf(command)).slice(command.id.length);
      const positional: string[] = [];
      while (left.length > 0) {
        const word = left.shift() ?? "";
        if (!word.startsWith("--")) {
          positional.push(word);
          continue;
        }
        const name = word.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
        const option = command.options[name];
        expect(option !== undefined || globals.has(name), `${nameOf(command)} ${word}`).to.equal(true);
        if (option?.type === "FLAG") continue;
        const value = left.shift();
        expect(value, `${nameOf(command)} ${word}`)
          .to.be.a("string")
          .and.not.match(/^--/);
      }
      expect(positional.length, nameOf(command)).to.be.at.most(command.positionalArguments.length);
    }
  });
});

describe("what goes to an address that is written", () => {
  /** Options that name who gets something of worth. */
  const RECIPIENTS = ["to", "seller"] as const;
  /** Commands in which they name something else, each with what. */
  const OTHERWISE: Readonly<Record<string, string>> = {
    "airdrop claim": "whose row of the list is paid, whoever sends",
    "gov propose spend": "whom the treasury pays, who may be a contract that asks for --anyway",
    "mining claim": "whose points are paid, whoever sends",
    "mining withdraw": "whose credit is paid, whoever sends",
    "stake delegate": "who votes with a stake that stays",
  };
  const local = deployed("suite", 0);

  it("should be refused where it is a contract of the deployment that would lose it", () => {
    const { session, deployment } = local();
    const [lost, kept]: [string[], string[]] = [[], []];
    for (const { future, contract } of new Set(allRecords())) {
      const address = deployment.addresses.get(future) ?? "";
      const [, name = ""] = future.split("#");
      try {
        expect(givenRecipient(session, "to", address)).to.equal(address);
        kept.push(contract);
      } catch (error) {
        expect(error).to.be.instanceOf(ExplainedError);
        expect((error as Error).message).to.equal(
          `--to is ${address}, which is this deployment's contract ${name} and nobody's account: what is sent there would be lost. ` +
            "Give the address of whom you mean.",
        );
        lost.push(name);
      }
    }
    expect(kept.sort()).to.deep.equal(["TimelockController", "TimelockController", "Vesting", "Vesting"]);
    expect(lost).to.include.members(["XRank", "XME", "XMEX", "PublicSale", "Genesis", "XmeGovernor", "AccessManager"]);
    expect(lost).to.include.members(["XP", "PaymentToken", "SwapRouter", "UniswapV3Pool", "DualAssetLedger", "XUSD"]);
    expect(givenRecipient(session, "to", session.account.toLowerCase())).to.equal(session.account);
  });

  it("should be looked at by every command that sends it there, before anything else", async function () {
    this.timeout(240_000);
    const seen: string[] = [];
    for (const economy of ECONOMIES) {
      const chain = await recorded(economy);
      const addresses = new DeploymentFolder(join(hre.config.paths.root, "deployments", chain.id)).readAddresses();
      const { future } = Object.values(CONTRACTS[economy] as Readonly<Record<string, ContractRecord>>).find(
        ({ contract }) => ["XRank", "PublicSale", "XPMarket", "DualAssetLedger"].includes(contract),
      ) as ContractRecord;
      for (const command of flows) {
        const name = nameOf(command);
        const option = RECIPIENTS.find((one) => one in command.options);
        const { default: action } = await (command.action as () => Promise<{ default: unknown }>)();
        if (economyOf(command) !== economy || option === undefined || !isSending(action) || name in OTHERWISE) continue;
        const example = wordsOf(exampleOf(command).replace(/ --network \S+/, ""));
        const given = example.flatMap((word, i) =>
          word === `--${option}` || example[i - 1] === `--${option}` ? [] : [word],
        );
        const { output, code } = await chain.run([...given, `--${option}`, addresses.get(future) ?? "", "--json"]);
        expect(code, name).to.equal(1);
        expect((JSON.parse(output) as { readonly error: string }).error, name).to.match(
          /^--(to|seller) is 0x\w{40}, which is this deployment's contract \w+ and nobody's account: what is sent there would be lost\./,
        );
        seen.push(name);
      }
      expect(await rpc(chain.anvil.url, "eth_getBlockByNumber", "pending", false)).to.have.property("transactions").that
        .is.empty;
      await chain.remove();
    }
    expect(seen).to.include.members([
      "sale buy",
      "xe send",
      "rank share",
      "spend list-item",
      "xp claim",
      "nodes leave",
    ]);
    expect(seen).to.have.length.above(15);
    expect(flows.map(nameOf)).to.include.members(Object.keys(OTHERWISE));
  });

  /** Whose contracts a command uses. */
  function economyOf({ id: [first = ""] }: Command): Economy {
    return first === "rank" || first === "xp" || first === "xe" ? first : "xme";
  }
});

describe("refusals", () => {
  /** What a value of a type may be, small and huge. */
  function valueOf(type: ParamType, isHuge: boolean): unknown {
    if (type.isArray()) return Array.from({ length: isHuge ? 2 : 0 }, () => valueOf(type.arrayChildren, isHuge));
    if (type.isTuple()) return type.components.map((part) => valueOf(part, isHuge));
    const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(type.type) ?? [];
    if (bits !== undefined) return isHuge ? 2n ** BigInt(unsigned === "u" ? bits : Number(bits) - 1) - 1n : 0n;
    if (type.type === "bool") return isHuge;
    if (type.type === "string") return isHuge ? "a\u001b[31mtext" : "";
    if (type.type === "address") return `0x${(isHuge ? "12" : "00").repeat(20)}`;
    const [, size = ""] = /^bytes(\d*)$/.exec(type.type) ?? [];
    return `0x${"12".repeat(size === "" ? 3 : Number(size))}`;
  }

  /** What Ignition says of a step in which a contract answers `data`. */
  function toldByIgnition(data: string, { fragments: abi }: Pick<Interface, "fragments">): string {
    const artifact = { abi } as unknown as Parameters<typeof decodeArtifactCustomError>[0];
    const failure = decodeError(data, true, (returned) => decodeArtifactCustomError(artifact, returned));
    return `Simulating the transaction failed with error: ${formatFailedEvmExecutionResult(failure)}`;
  }

  const records = ECONOMIES.flatMap((economy) => Object.values(CONTRACTS[economy]) as ContractRecord[]);

  it("should be sentences for every error of every contract that is deployed", async () => {
    const seen = new Set<string>();
    const bad: string[] = [];
    for (const contract of new Set(records.map((record) => record.contract))) {
      if (!(await hre.artifacts.artifactExists(contract))) continue;
      const abi = new Interface((await hre.artifacts.readArtifact(contract)).abi);
      abi.forEachError((fragment: ErrorFragment) => {
        if (seen.has(fragment.format("sighash"))) return;
        seen.add(fragment.format("sighash"));
        for (const isHuge of [false, true]) {
          const values = fragment.inputs.map((input) => valueOf(input, isHuge));
          const data = abi.encodeErrorResult(fragment, values);
          const refusal = abi.parseError(data);
          const sentence = refusal ? plainRefusal(refusal) : "";
          const isGood = /^[A-Z]\S* .+\.$/.test(sentence) && !/undefined|\[object|\p{Cc}|[ [(]\d{19}/u.test(sentence);
          if (!isGood) bad.push(`${fragment.name}: ${sentence}`);
          const told = refusalTold(toldByIgnition(data, abi), abi.fragments);
          if (`${told}.` !== sentence) bad.push(`${fragment.name}: ${told} where Ignition tells it`);
        }
      });
    }
    expect(bad).to.deep.equal([]);
    expect(seen.size).to.be.above(300);
  });

  it("should read times as dates, and large amounts without counting zeros", () => {
    const abi = new Interface([
      "error Market_BondOutOfRange(uint256 bond, uint256 maximumBond, uint256 deadline)",
      "error XYZNotReady()",
    ]);
    const said = (name: string, ...values: readonly unknown[]): string => {
      const refusal = abi.parseError(abi.encodeErrorResult(name, values));
      return refusal ? plainRefusal(refusal) : "";
    };
    expect(said("Market_BondOutOfRange", 12n, 25n * 10n ** 17n, 1_800_000_000n)).to.equal(
      'Market refuses this as "bond out of range" (bond 12, maximum bond 2.500000 × 10^18, deadline 2027-01-15 08:00:00 UTC).',
    );
    expect(said("Market_BondOutOfRange", 1_234n, MaxUint256, 0n)).to.contain(
      "bond 1,234, maximum bond 2^256 − 1, deadline 0",
    );
    expect(said("XYZNotReady")).to.equal('The contract refuses this as "XYZ not ready".');
    const text = AbiCoder.defaultAbiCoder().encode(["string"], ["STF"]).slice(2);
    const failure = abi.parseError(`0x08c379a0${text}`);
    expect(failure && plainRefusal(failure)).to.equal('The contract refuses and says "STF".');
    const panic = abi.parseError(`0x4e487b71${(17).toString(16).padStart(64, "0")}`);
    expect(panic && plainRefusal(panic)).to.match(/^The contract stopped at a number that would be below zero/);
  });

  it("should be told of a step of a deployment as far as Ignition tells it", () => {
    const abi = new Interface([
      "error Market_BondTooLow(uint256 bond)",
      "error Market_BondTooLow(address from, bool late)",
    ]);
    const told = (data: string, known = abi): string => refusalTold(toldByIgnition(data, known), abi.fragments);
    const late = abi.encodeErrorResult("Market_BondTooLow(address,bool)", [`0x${"12".repeat(20)}`, true]);
    expect(told(late)).to.equal(`Market refuses this as "bond too low" (from 0x${"12".repeat(20)}, late yes)`);
    expect(told(late, new Interface([]))).to.equal('Market refuses this as "bond too low"');
    const own = new Interface(["error Market_Closed(string why)"]);
    const why = own.encodeErrorResult("Market_Closed", ['a "word"']);
    expect(refusalTold(toldByIgnition(why, own), own.fragments)).to.equal('Market refuses this as "closed"');
    const text = AbiCoder.defaultAbiCoder().encode(["string"], ['not "yet"']).slice(2);
    expect(told(`0x08c379a0${text}`)).to.equal('The contract refuses and says "not \\"yet\\""');
    expect(told(`0x4e487b71${(18).toString(16).padStart(64, "0")}`)).to.match(
      /^The contract stopped at a division by zero/,
    );
    for (const data of ["0x", "0x12345678"]) expect(told(data)).to.equal(toldByIgnition(data, abi));
    expect(refusalTold(`Transaction 0x${"ab".repeat(32)} reverted`, abi.fragments)).to.match(
      /^Transaction 0x(ab)+ reverted$/,
    );
  });

  describe("given an error of a contract that the command does not know", () => {
    const local = deployed("rank", 0);

    it("should look for it in the whole deployment, and name what is nowhere", () => {
      const { deployment } = local();
      const { interface: abi } = deployment.rank.xrank;
      const data = abi.encodeErrorResult("ERC20InsufficientBalance", [`0x${"12".repeat(20)}`, 1n, 2n]);
      expect(refusedBy(deployment, { data }))
        .to.be.instanceOf(Error)
        .with.property("message")
        .that.equals(
          `The contract refuses this as "ERC20 insufficient balance" (sender 0x${"12".repeat(20)}, balance 1, needed 2).`,
        );
      expect(refusedBy(deployment, { data: "0x12345678" }))
        .to.have.property("message")
        .that.equals("A contract refuses with the error 0x12345678, which no contract of the deployment has.");
      expect(refusedBy(deployment, new Error("execution reverted")))
        .to.have.property("message")
        .that.equals("A contract refuses, and does not say why.");
      const other = new Error("something else");
      expect(refusedBy(deployment, other)).to.equal(other);
    });
  });
});
