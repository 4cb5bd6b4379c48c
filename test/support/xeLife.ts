import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/types";
import { type BaseContract, MaxUint256, toQuantity, ZeroAddress } from "ethers";
import hre from "hardhat";

import { revertDataOf } from "../../src/deployment/revert.js";
import { XE, XUSD } from "../../src/xe/asset.js";
import type { Address, Hash } from "../../src/xe/block.js";
import { LEASE_LIMITS, RULING_PERIOD, UNIT } from "../../src/xe/lease.js";
import { LedgerModel, LedgerRefusal, type LeaseState, type ModelLease, type Sender } from "../../src/xe/ledger.js";
import type { AccessManager, AssetFace, DualAssetLedger } from "../../typechain-types/index.js";
import type { Random } from "./rankRandom.js";

const { network } = hre;

const GAS = 12_000_000n;
const HOUR = 3_600n;
const DAY = 24n * HOUR;

/** A call as the contract takes it, and the same of the model. */
interface Deed {
  readonly by: HardhatEthersSigner;
  readonly to: BaseContract;
  readonly method: string;
  readonly args: readonly unknown[];
  readonly onModel: (sender: Sender) => unknown;
}

/** A ledger on a chain and its model beside it, used by many at random. */
export class XeLife {
  /** How often each call succeeded. */
  readonly done = new Map<string, number>();
  /** How often each refusal was met. */
  readonly refused = new Map<string, number>();
  /** Seconds of blocks that changed something. */
  readonly times: bigint[] = [];
  #now: bigint;
  #queue: Deed[] = [];
  #sources: { readonly to: Address; readonly source: Hash }[] = [];
  #leases: Hash[] = [];

  private constructor(
    readonly connection: Awaited<ReturnType<typeof network.create>>,
    readonly ledger: DualAssetLedger,
    readonly faces: { readonly xe: AssetFace; readonly xusd: AssetFace },
    readonly model: LedgerModel,
    readonly place: { readonly chainId: bigint; readonly ledger: Address },
    /** Who acts; the first governs and rules. */
    readonly actors: readonly HardhatEthersSigner[],
    /** Contracts, which are sent to and cannot act. */
    readonly passive: readonly Address[],
    now: bigint,
  ) {
    this.#now = now;
  }

  static async begin(count = 7): Promise<XeLife> {
    const connection = await network.create();
    const { ethers, networkHelpers } = connection;
    const actors = (await ethers.getSigners()).slice(0, count);
    const [owner] = actors;
    if (!owner) throw new Error("The chain has no accounts.");
    const manager = (await ethers.deployContract("AccessManager", [owner.address])) as unknown as AccessManager;
    const recipient = owner.address as Address;
    const amount = 50_000n * UNIT;
    const authority = await manager.getAddress();
    const ledger = (await ethers.deployContract("DualAssetLedger", [
      authority,
      true,
      recipient,
      amount,
    ])) as unknown as DualAssetLedger;
    const at = BigInt(await networkHelpers.time.latest());
    const [xe, xusd] = (await Promise.all(
      [await ledger.xe(), await ledger.xusd()].map((face) => ethers.getContractAt("AssetFace", face)),
    )) as unknown as [AssetFace, AssetFace];
    const address = (await ledger.getAddress()) as Address;
    const { chainId } = await ethers.provider.getNetwork();
    const model = new LedgerModel({ chainId, ledger: address, faucet: true, at, recipient, amount });
    const faces = { xe, xusd };
    // Everybody lets everybody move what it has, so that whoever is picked may.
    for (const actor of actors) {
      for (const face of [xe, xusd]) {
        for (const other of actors) await face.connect(actor).approve(other.address, MaxUint256);
      }
    }
    const bystander = await ethers.deployContract("AccessManager", [recipient]);
    const passive = [authority as Address, (await bystander.getAddress()) as Address];
    const now = BigInt(await networkHelpers.time.latest());
    return new XeLife(connection, ledger, faces, model, { chainId, ledger: address }, actors, passive, now);
  }

  get now(): bigint {
    return this.#now;
  }

  /** Everybody who may have something. */
  get accounts(): readonly Address[] {
    return [...this.actors.map(({ address }) => address as Address), ...this.passive];
  }

  /** Lets some seconds pass before the next call. */
  async wait(seconds: bigint): Promise<void> {
    await this.flush();
    this.#now += seconds;
  }

  /** One random thing that somebody does, or tries. */
  async step(random: Random): Promise<void> {
    if (random.once(12n)) await this.wait(random.magnitude(1n, 4n * DAY));
    const deed = this.#deed(random);
    // What needs time gets it, half the time.
    const needed = { lapseObjection: RULING_PERIOD, settleLease: 10n * DAY }[deed.method];
    if (needed !== undefined && random.once(2n)) await this.wait(needed);
    // Several calls of one account to the ledger go in one transaction.
    if (
      this.#queue.length > 0 &&
      (this.#queue[0]?.by !== deed.by || deed.to !== this.ledger || this.#queue.length >= 5)
    ) {
      await this.flush();
    }
    const refusal = this.#try(deed) && (await this.#tryAlone(deed));
    if (refusal) {
      await this.#expectRefusal(deed, refusal, this.#now + 1n);
      this.refused.set(refusal.error, (this.refused.get(refusal.error) ?? 0) + 1);
      return;
    }
    this.done.set(deed.method, (this.done.get(deed.method) ?? 0) + 1);
    this.#queue.push(deed);
    if (deed.to !== this.ledger) await this.flush();
  }

  /** Lets the model do it in the next second. @returns why it refuses; undefined where it does not */
  #try(deed: Deed): LedgerRefusal | undefined {
    try {
      this.#note(deed, deed.onModel({ from: deed.by.address as Address, at: this.#now + 1n }));
      return undefined;
    } catch (error) {
      if (error instanceof LedgerRefusal) return error;
      throw error;
    }
  }

  /** The same with everything before it sent, so that the chain can be asked in the same second. */
  async #tryAlone(deed: Deed): Promise<LedgerRefusal | undefined> {
    await this.flush();
    return this.#try(deed);
  }

  /** Sends what was collected. */
  async flush(): Promise<void> {
    const [first] = this.#queue;
    if (!first) return;
    const calls = this.#queue.map(({ to, method, args }) => to.interface.encodeFunctionData(method, args));
    this.#queue = [];
    const data =
      calls.length === 1 ? (calls[0] ?? "0x") : this.ledger.interface.encodeFunctionData("multicall", [calls]);
    this.#now += 1n;
    this.times.push(this.#now);
    const { provider } = this.connection.ethers;
    await provider.send("evm_setNextBlockTimestamp", [toQuantity(this.#now)]);
    const hash = (await provider.send("eth_sendTransaction", [
      { from: first.by.address, to: await first.to.getAddress(), data, gas: toQuantity(GAS) },
    ])) as string;
    const receipt = (await provider.send("eth_getTransactionReceipt", [hash])) as { status: string };
    if (receipt.status !== "0x1") throw new Error(`The chain refuses what the model allows: ${first.method} …`);
  }

  async #expectRefusal({ by, to, method, args }: Deed, { error, values }: LedgerRefusal, at: bigint): Promise<void> {
    const { provider } = this.connection.ethers;
    await provider.send("evm_setNextBlockTimestamp", [toQuantity(at)]);
    const data = to.interface.encodeFunctionData(method, args);
    try {
      await provider.send("eth_call", [
        { from: by.address, to: await to.getAddress(), data, gas: toQuantity(GAS) },
        "pending",
      ]);
    } catch (failure) {
      const revert = revertDataOf(failure) ?? "0x";
      const parsed = this.ledger.interface.parseError(revert) ?? to.interface.parseError(revert);
      const said = `${parsed?.name ?? revert}(${parsed?.args.join(", ") ?? ""})`;
      const named = error.startsWith("ERC20") ? error : `DualAssetLedger_${error}`;
      const meant = `${named}(${values.join(", ")})`;
      if (said.toLowerCase() === meant.toLowerCase()) return;
      throw new Error(`${method} is refused with ${said}, and by the model with ${meant}.`, { cause: failure });
    }
    throw new Error(`${method} is allowed, and the model refuses it with ${error}.`);
  }

  #note({ method, args }: Deed, result: unknown): void {
    if (method === "send") this.#sources.push({ to: args[1] as Address, source: result as Hash });
    if (method === "lease") this.#leases.push((result as { id: Hash }).id);
  }

  #deed(random: Random): Deed {
    const { ledger, model, faces } = this;
    const by = random.pick(this.actors);
    const who = by.address as Address;
    const [owner = by] = this.actors;
    const to = random.once(40n)
      ? random.pick([ZeroAddress, this.place.ledger, this.faces.xe.target, this.faces.xusd.target] as Address[])
      : random.once(5n)
        ? who
        : random.pick(this.accounts);
    const asset = random.once(2n) ? XE : XUSD;
    const amountOf = (account: Address): bigint =>
      random.once(15n)
        ? model.balanceOf(account, asset) + random.magnitude(1n, 10n * UNIT)
        : random.once(30n)
          ? 0n
          : random.between(0n, model.balanceOf(account, asset) / random.between(1n, 8n));
    const on = (method: string, args: readonly unknown[], onModel: Deed["onModel"], from = by): Deed => ({
      by: from,
      to: ledger,
      method,
      args,
      onModel,
    });
    const source = this.#sources.length === 0 ? undefined : random.pick(this.#sources.slice(-40));
    const leases = [...model.leases.values()];
    // Mostly one in a state that allows what is done to it.
    const leaseIn = (...states: readonly LeaseState[]): ModelLease | undefined => {
      const fitting = random.once(5n) ? leases : leases.filter(({ state }) => states.includes(state));
      return fitting.length === 0 || random.once(60n) ? undefined : random.pick(fitting.slice(-12));
    };
    const idOf = (lease: ModelLease | undefined): Hash => lease?.id ?? `0x${"ab".repeat(32)}`;
    const ofLease = (account: Address | undefined): HardhatEthersSigner =>
      random.once(8n) ? by : (this.actors.find(({ address }) => address === account) ?? by);
    switch (random.between(0n, 17n)) {
      case 0n:
      case 1n: {
        const amount = amountOf(who);
        return on("send", [asset, to, amount], (sender) => model.send(sender, asset, to, amount));
      }
      case 2n: {
        const wrong = random.pick(["0x5845000000000001", "0x0058450000000000", "0x5855534420000000"] as const);
        return random.once(6n)
          ? on("send", [wrong, to, 1n], (sender) => model.send(sender, wrong, to, 1n))
          : this.#receive(source, who, on);
      }
      case 3n:
        return this.#receive(source, who, on);
      case 4n:
        return on("claim", [], (sender) => model.claim(sender));
      case 5n:
      case 6n:
      case 7n: {
        const face = asset === XE ? faces.xe : faces.xusd;
        const from = random.once(3n) ? (random.pick(this.actors).address as Address) : who;
        const amount = amountOf(from);
        const onModel: Deed["onModel"] = (sender) => model.transfer(sender, asset, from, to, amount);
        return from === who
          ? { by, to: face, method: "transfer", args: [to, amount], onModel }
          : { by, to: face, method: "transferFrom", args: [from, to, amount], onModel };
      }
      case 8n: {
        const delegatee = random.once(4n) ? (ZeroAddress as Address) : random.pick(this.accounts);
        return on("delegate", [delegatee], (sender) => model.delegate(sender, delegatee));
      }
      case 9n:
      case 10n: {
        const terms = {
          vCpus: random.magnitude(1n, 64n),
          memoryMB: random.magnitude(1n, 65_536n),
          diskGB: random.once(25n) ? LEASE_LIMITS.diskGB + 1n : random.magnitude(1n, 500n),
          duration: random.once(25n) ? random.pick([HOUR - 1n, 366n * DAY]) : random.magnitude(HOUR, 10n * DAY),
        };
        const provider = random.once(3n) ? (random.pick(this.actors).address as Address) : (ZeroAddress as Address);
        const most = random.once(20n) ? UNIT - 1n : MaxUint256;
        return on("lease", [terms, provider, most], (sender) => model.lease(sender, terms, provider, most));
      }
      case 11n:
      case 12n: {
        const lease = leaseIn("open");
        const id = idOf(lease);
        return on("acceptLease", [id], (sender) => model.acceptLease(sender, id), ofLease(lease?.provider));
      }
      case 13n: {
        const lease = leaseIn("open");
        const id = idOf(lease);
        return on("cancelLease", [id], (sender) => model.cancelLease(sender, id), ofLease(lease?.consumer));
      }
      case 14n: {
        const lease = leaseIn("running");
        const id = idOf(lease);
        return on("objectToLease", [id], (sender) => model.objectToLease(sender, id), ofLease(lease?.consumer));
      }
      case 15n: {
        if (random.once(4n)) {
          const amount = random.once(10n) ? 2n ** 120n : random.magnitude(1n, 1_000n * UNIT);
          return on("mint", [to, amount], (sender) => model.mint(sender, to, amount), owner);
        }
        if (random.once(4n)) {
          const rates = {
            perVCpu: random.magnitude(1n, 2_000n),
            perMemoryGB: random.magnitude(1n, 2_000n),
            perDiskGB: random.once(9n) ? 1_000_001n : random.magnitude(1n, 100n),
          };
          return on("setRates", [rates], () => model.setRates(rates), owner);
        }
        const [id, upheld] = [idOf(leaseIn("objected")), random.once(2n)];
        return on("rule", [id, upheld], (sender) => model.rule(sender, id, upheld), owner);
      }
      case 16n: {
        const id = idOf(leaseIn("objected"));
        return on("lapseObjection", [id], (sender) => model.lapseObjection(sender, id));
      }
      default: {
        const id = idOf(leaseIn("running", "objected"));
        return on("settleLease", [id], (sender) => model.settleLease(sender, id));
      }
    }
  }

  #receive(
    source: { readonly to: Address; readonly source: Hash } | undefined,
    who: Address,
    on: (method: string, args: readonly unknown[], onModel: Deed["onModel"]) => Deed,
  ): Deed {
    const [to, hash] = source ? [source.to, source.source] : [who, `0x${"cd".repeat(32)}` as Hash];
    return on("receivePending", [to, hash], (sender) => this.model.receivePending(sender, to, hash));
  }
}
