import { expect } from "chai";
import { concat, keccak256, type Log, toBeHex } from "ethers";

import { type Asset, XE, XUSD } from "../../../src/xe/asset.js";
import {
  type Address,
  BlockType,
  type BlockTypeCode,
  genesisOf,
  type Hash,
  hashBlock,
  leaseLink,
  sendLink,
} from "../../../src/xe/block.js";
import { costOf, LEASE_LIMITS, type LeaseTerms, UNIT } from "../../../src/xe/lease.js";
import { LedgerLog, readLedgerLog, REPLAYED_EVENTS } from "../../../src/xe/replay.js";

const PLACE = { chainId: 31_337n, ledger: "0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0" } as const;
const ADA: Address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const BEN: Address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";
const CY: Address = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";
const NOBODY: Address = "0x0000000000000000000000000000000000000000";
const NO_HASH: Hash = `0x${"00".repeat(32)}`;
/** 19 XUSD, and a stake of 3. */
const TERMS: LeaseTerms = { vCpus: 4n, memoryMB: 8_192n, diskGB: 100n, duration: 259_200n };
const COST = 19n * UNIT;
const STAKE = 3n * UNIT;

/** A log whose blocks have right hashes, whatever they say. */
class Forge {
  readonly log = new LedgerLog();
  readonly #heads = new Map<Address, Hash>();
  readonly #balances = new Map<string, bigint>();

  /** Gives each of three accounts 1,000 XUSD. */
  static begun(): Forge {
    const forge = new Forge();
    for (const account of [ADA, BEN, CY]) forge.add(account, BlockType.Mint, NO_HASH, 1_000n * UNIT);
    return forge;
  }

  /** Adds a block that changes its account's balance by so much. @returns its hash */
  add(account: Address, blockType: BlockTypeCode, link: Hash, change: bigint, asset: Asset = XUSD): Hash {
    const balance = this.#balanceOf(account, asset) + change;
    const previous = this.#heads.get(account) ?? genesisOf(PLACE.chainId, PLACE.ledger, account);
    // Also of what no ledger writes.
    const hash = keccak256(
      concat([toBeHex(blockType, 1), account, asset, previous, link, toBeHex(balance, 32)]),
    ) as Hash;
    this.#heads.set(account, hash);
    this.#balances.set(`${account} ${asset}`, balance);
    this.log.addBlock({ account, hash, link, blockType, asset, balance });
    return hash;
  }

  /** Opens a lease of Ada's. @returns its id */
  open({ provider = NOBODY, terms = TERMS, cost = COST, known = true } = {}): Hash {
    const id = this.add(ADA, BlockType.Lease, leaseLink(terms, provider, cost), -cost);
    if (known) this.log.addLease({ id, consumer: ADA, provider, terms, cost });
    return id;
  }

  /** The same, accepted by Ben. */
  running(): Hash {
    const id = this.open();
    this.add(BEN, BlockType.LeaseAccept, id, -STAKE);
    return id;
  }

  settle(id: Hash, account = BEN, emission = COST): void {
    this.add(account, BlockType.LeaseSettle, id, emission, XE);
    this.#balances.set(`${account} ${XUSD}`, this.#balanceOf(account, XUSD) + STAKE);
  }

  replay(account: Address) {
    return this.log.replay(PLACE, account);
  }

  /** Expects that all of an account's blocks fit but for the last. */
  expectMisfit(account: Address, reason: RegExp): void {
    const { misfit, blocks, head } = this.replay(account);
    const events = this.log.eventsOf(account);
    expect(misfit?.reason, String(reason)).to.match(reason);
    expect(misfit?.number).to.equal(events.length);
    expect(misfit?.hash).to.equal(events.at(-1)?.hash);
    expect(blocks).to.have.length(events.length - 1);
    expect(head).to.equal(events.at(-2)?.hash ?? NO_HASH);
  }

  #balanceOf(account: Address, asset: Asset): bigint {
    return this.#balances.get(`${account} ${asset}`) ?? 0n;
  }
}

/** Does something to a new log and expects its last block for an account not to fit. */
function refuse(account: Address, reason: RegExp, deed: (forge: Forge) => void): void {
  const forge = Forge.begun();
  deed(forge);
  forge.expectMisfit(account, reason);
}

describe("Forged logs of XE's ledger", () => {
  describe("when every hash is right", () => {
    it("should fit where the blocks are what the ledger writes", () => {
      const forge = Forge.begun();
      forge.add(CY, BlockType.Claim, NO_HASH, 100n * UNIT);
      const sent = forge.add(CY, BlockType.Send, sendLink(ADA), -7n);
      forge.add(ADA, BlockType.Receive, sent, 7n);
      forge.add(ADA, BlockType.LeaseCancel, forge.open({ provider: BEN }), COST);
      const id = forge.running();
      // Three objections: silence, a rejection, silence.
      for (const to of [ADA, BEN, ADA]) {
        forge.add(ADA, BlockType.LeaseObject, id, -STAKE);
        forge.add(to, BlockType.LeaseBond, id, STAKE);
      }
      forge.settle(id);
      const earned = forge.add(BEN, BlockType.Send, sendLink(BEN), -COST, XE);
      forge.add(BEN, BlockType.Receive, earned, COST, XE);
      // The stake that came back has no block of its own, and is known when XUSD is sent next.
      const paid = forge.add(BEN, BlockType.Send, sendLink(CY), -1n);
      forge.add(CY, BlockType.Receive, paid, 1n);
      const left = { [ADA]: [0n, 1_000n * UNIT + 7n - COST - STAKE], [BEN]: [COST, 1_000n * UNIT + STAKE - 1n] };
      for (const [account, [xe, xusd]] of Object.entries(left)) {
        const chain = forge.replay(account as Address);
        expect(chain.misfit).to.equal(undefined);
        expect({ xe: chain.xe, xusd: chain.xusd }).to.deep.equal({ xe, xusd });
        expect(chain.head).to.equal(forge.log.eventsOf(account as Address).at(-1)?.hash);
      }
      expect(forge.replay(CY)).to.deep.include({ xusd: 1_100n * UNIT - 6n, misfit: undefined });
    });

    it("should point at a send to no address, of nothing, or of less than nothing", () => {
      refuse(ADA, /^its link is no address$/, (forge) => {
        forge.add(ADA, BlockType.Send, `0x01${sendLink(BEN).slice(4)}`, -1n);
      });
      for (const change of [0n, 1n]) {
        refuse(ADA, /^it sends nothing$/, (forge) => void forge.add(ADA, BlockType.Send, sendLink(BEN), change));
        refuse(BEN, /^the block 0x\w+ sent nothing$/, (forge) => {
          const sent = forge.add(ADA, BlockType.Send, sendLink(BEN), change);
          forge.add(BEN, BlockType.Receive, sent, -change);
        });
      }
    });

    it("should point at a receive of another amount, in another asset, by somebody else, or again", () => {
      for (const amount of [4n, 6n, 0n]) {
        refuse(BEN, /^it changes the balance by \d wei, and a block of the type Receive .* by 5$/, (forge) => {
          forge.add(BEN, BlockType.Receive, forge.add(ADA, BlockType.Send, sendLink(BEN), -5n), amount);
        });
      }
      refuse(BEN, /is in another asset$/, (forge) => {
        forge.add(BEN, BlockType.Receive, forge.add(ADA, BlockType.Send, sendLink(BEN), -5n), 5n, XE);
      });
      refuse(CY, new RegExp(`sent goes to ${BEN}$`), (forge) => {
        forge.add(CY, BlockType.Receive, forge.add(ADA, BlockType.Send, sendLink(BEN), -5n), 5n);
      });
      refuse(BEN, /was received before$/, (forge) => {
        const sent = forge.add(ADA, BlockType.Send, sendLink(BEN), -5n);
        for (let i = 0; i < 2; i++) forge.add(BEN, BlockType.Receive, sent, 5n);
      });
      refuse(BEN, /^nothing was sent by the block/, (forge) => {
        // A block that sends nothing, and is there.
        const other = forge.add(ADA, BlockType.Claim, NO_HASH, 100n * UNIT);
        forge.add(BEN, BlockType.Receive, other, 100n * UNIT);
      });
    });

    it("should point at a claim of more than 100 XUSD or with a link, and at a mint of nothing", () => {
      refuse(ADA, /Claim .* by 100000000000000000000$/, (forge) => {
        forge.add(ADA, BlockType.Claim, NO_HASH, 100n * UNIT + 1n);
      });
      for (const type of [BlockType.Claim, BlockType.Mint]) {
        refuse(ADA, /^its link is not zero$/, (forge) => void forge.add(ADA, type, sendLink(ADA), 100n * UNIT));
      }
      for (const change of [0n, -1n]) {
        refuse(ADA, /^it mints nothing$/, (forge) => void forge.add(ADA, BlockType.Mint, NO_HASH, change));
      }
    });

    it("should point at a block in an asset that its type never has", () => {
      for (const [name, type] of Object.entries(BlockType)) {
        if (type === BlockType.Send || type === BlockType.Receive) continue;
        const asset = type === BlockType.LeaseSettle ? XUSD : XE;
        refuse(ADA, new RegExp(`^a block of the type ${name} is never in this asset$`), (forge) => {
          forge.add(ADA, type, NO_HASH, 1n, asset);
        });
      }
    });

    it("should point at a lease of terms that none can have, of parts of an XUSD, or that nobody opened", () => {
      for (const terms of [
        { ...TERMS, vCpus: LEASE_LIMITS.vCpus + 1n },
        { ...TERMS, duration: LEASE_LIMITS.minDuration - 1n },
        { vCpus: 0n, memoryMB: 0n, diskGB: 0n, duration: 3_600n },
      ]) {
        refuse(ADA, /^no lease can have such terms$/, (forge) => void forge.open({ terms }));
      }
      for (const cost of [COST + 1n, 1n, 0n]) {
        refuse(ADA, /^the lease's cost is not in whole XUSD$/, (forge) => void forge.open({ cost }));
      }
      refuse(ADA, /^no lease was opened by it$/, (forge) => void forge.open({ known: false }));
      refuse(ADA, /Lease for what it links to by -19000000000000000000$/, (forge) => {
        const id = forge.add(ADA, BlockType.Lease, leaseLink(TERMS, NOBODY, COST), -COST + 1n);
        forge.log.addLease({ id, consumer: ADA, provider: NOBODY, terms: TERMS, cost: COST });
      });
      expect(costOf(TERMS) * UNIT).to.equal(COST);
    });

    it("should point at an acceptance by another provider, by a second one, again, or after the lease was cancelled", () => {
      refuse(CY, new RegExp(`is for ${BEN}$`), (forge) => {
        forge.add(CY, BlockType.LeaseAccept, forge.open({ provider: BEN }), -STAKE);
      });
      refuse(CY, new RegExp(`was accepted by ${BEN}$`), (forge) => {
        forge.add(CY, BlockType.LeaseAccept, forge.running(), -STAKE);
      });
      refuse(BEN, /was accepted before$/, (forge) => {
        forge.add(BEN, BlockType.LeaseAccept, forge.running(), -STAKE);
      });
      refuse(BEN, /was cancelled$/, (forge) => {
        const id = forge.open();
        forge.add(ADA, BlockType.LeaseCancel, id, COST);
        forge.add(BEN, BlockType.LeaseAccept, id, -STAKE);
      });
      refuse(BEN, /LeaseAccept for what it links to by -3000000000000000000$/, (forge) => {
        forge.add(BEN, BlockType.LeaseAccept, forge.open(), -STAKE + 1n);
      });
      refuse(BEN, /^there is no lease/, (forge) => void forge.add(BEN, BlockType.LeaseAccept, NO_HASH, -STAKE));
    });

    it("should point at a settlement by another, again, or with an objection open", () => {
      refuse(CY, new RegExp(`was accepted by ${BEN}$`), (forge) => {
        forge.settle(forge.running(), CY);
      });
      refuse(ADA, /was accepted by nobody$/, (forge) => {
        forge.settle(forge.open(), ADA);
      });
      refuse(BEN, /was settled before$/, (forge) => {
        const id = forge.running();
        for (let i = 0; i < 2; i++) forge.settle(id);
      });
      refuse(BEN, /has 1 objections and 0 ends of them$/, (forge) => {
        const id = forge.running();
        forge.add(ADA, BlockType.LeaseObject, id, -STAKE);
        forge.settle(id);
      });
      refuse(BEN, /LeaseSettle for what it links to by 19000000000000000000$/, (forge) => {
        forge.settle(forge.running(), BEN, COST + 1n);
      });
    });

    it("should point at a cancellation by another, again, or after somebody accepted", () => {
      refuse(BEN, new RegExp(`is one of ${ADA}$`), (forge) => {
        forge.add(BEN, BlockType.LeaseCancel, forge.open(), COST);
      });
      refuse(ADA, /was taken back before$/, (forge) => {
        const id = forge.open();
        for (let i = 0; i < 2; i++) forge.add(ADA, BlockType.LeaseCancel, id, COST);
      });
      refuse(ADA, new RegExp(`was accepted by ${BEN}$`), (forge) => {
        forge.add(ADA, BlockType.LeaseCancel, forge.running(), COST);
      });
    });

    it("should point at an objection by another, before the acceptance, or with one open", () => {
      refuse(BEN, new RegExp(`is one of ${ADA}$`), (forge) => {
        forge.add(BEN, BlockType.LeaseObject, forge.running(), -STAKE);
      });
      refuse(ADA, /^nobody accepted the lease/, (forge) => {
        forge.add(ADA, BlockType.LeaseObject, forge.open(), -STAKE);
      });
      refuse(ADA, /never ended$/, (forge) => {
        const id = forge.running();
        for (let i = 0; i < 2; i++) forge.add(ADA, BlockType.LeaseObject, id, -STAKE);
      });
    });

    it("should point at a bond without an objection, or for somebody else", () => {
      for (const account of [ADA, BEN]) {
        const reason = /has no objection that it could be the end of$/;
        refuse(account, reason, (forge) => void forge.add(account, BlockType.LeaseBond, forge.running(), STAKE));
        refuse(account, reason, (forge) => {
          const id = forge.running();
          forge.add(ADA, BlockType.LeaseObject, id, -STAKE);
          for (let i = 0; i < 2; i++) forge.add(account, BlockType.LeaseBond, id, STAKE);
        });
      }
      refuse(CY, new RegExp(`is one of ${ADA}$`), (forge) => {
        const id = forge.running();
        forge.add(ADA, BlockType.LeaseObject, id, -STAKE);
        forge.add(CY, BlockType.LeaseBond, id, STAKE);
      });
    });
  });

  describe("when a log is not as the ledger writes it", () => {
    type Encoded = Pick<Log, "topics" | "data">;
    const link = sendLink(BEN);

    /** Two blocks of Ada's and one of Ben's, the second of Ada's changed on its way. */
    function changed(change: (log: Encoded) => Encoded): LedgerLog {
      const log = new LedgerLog();
      const heads = new Map<Address, Hash>();
      const add = (
        account: Address,
        balance: bigint,
        via: (encoded: Encoded) => Encoded = (encoded) => encoded,
      ): void => {
        const previous = heads.get(account) ?? genesisOf(PLACE.chainId, PLACE.ledger, account);
        const block = { blockType: BlockType.Mint, account, asset: XUSD, previous, link: NO_HASH, balance };
        heads.set(account, hashBlock(block));
        const values = [account, hashBlock(block), NO_HASH, block.blockType, block.asset, balance];
        log.add(via(REPLAYED_EVENTS.encodeEventLog("BlockAdded", values)));
      };
      add(ADA, 1n);
      add(BEN, 1n);
      add(ADA, 2n, change);
      return log;
    }

    /** Replaces the byte at an offset of hexadecimal data. */
    const withByte = (data: string, at: number, byte: string): string =>
      `${data.slice(0, 2 + 2 * at)}${byte}${data.slice(4 + 2 * at)}`;

    it("should fit where nothing is changed, also in the case of its digits", () => {
      const upper = ({ data, topics }: Encoded): Encoded => ({
        data: `0x${data.slice(2).toUpperCase()}`,
        topics: topics.map((topic) => `0x${topic.slice(2).toUpperCase()}`),
      });
      expect(changed((log) => log).replay(PLACE, ADA)).to.deep.include({ misfit: undefined, xusd: 2n });
      expect(changed(upper).replay(PLACE, ADA)).to.deep.include({ misfit: undefined, xusd: 2n });
    });

    it("should point at the block where padding is set, bytes are missing or too many, and at no other account's", () => {
      for (const [what, change] of [
        ["the type's first byte", ({ data, topics }) => ({ topics, data: withByte(data, 0, "ff") })],
        ["the type's last byte of padding", ({ data, topics }) => ({ topics, data: withByte(data, 30, "01") })],
        ["the asset's first byte of padding", ({ data, topics }) => ({ topics, data: withByte(data, 40, "20") })],
        ["the asset's last byte", ({ data, topics }) => ({ topics, data: withByte(data, 63, "01") })],
        ["a word less", ({ data, topics }) => ({ topics, data: data.slice(0, -64) })],
        ["a byte less", ({ data, topics }) => ({ topics, data: data.slice(0, -2) })],
        ["a word more", ({ data, topics }) => ({ topics, data: `${data}${"00".repeat(32)}` })],
        [
          "a byte less, with a topic in capitals",
          ({ data, topics: [kind = "", ...topics] }) => ({
            topics: [`0x${kind.slice(2).toUpperCase()}`, ...topics],
            data: data.slice(0, -2),
          }),
        ],
        ["no data", ({ topics }) => ({ topics, data: "0x" })],
        [
          "the account's padding",
          ({ data, topics }) => ({
            data,
            topics: topics.map((topic, i) => (i === 1 ? withByte(topic, 3, "01") : topic)),
          }),
        ],
        ["a topic less", ({ data, topics }) => ({ data, topics: topics.slice(0, 3) })],
        ["a topic more", ({ data, topics }) => ({ data, topics: [...topics, link] })],
      ] as readonly (readonly [string, (log: Encoded) => Encoded])[]) {
        const log = changed(change);
        const { misfit, blocks } = log.replay(PLACE, ADA);
        expect(misfit?.number, what).to.equal(2);
        expect(misfit?.reason, what).to.match(/^its log is not as the ledger writes it: /);
        expect(blocks, what).to.have.length(1);
        expect(log.replay(PLACE, BEN), what).to.deep.include({ misfit: undefined, xusd: 1n });
      }
    });

    it("should trust no account where a log does not say whose it is", () => {
      for (const rest of [[], [ADA], ["0x"]]) {
        const log = changed(({ data, topics }) => ({ data, topics: [...topics.slice(0, 1), ...rest] }));
        for (const account of [ADA, BEN]) {
          expect(log.replay(PLACE, account).misfit, account).to.deep.include({ number: 2, hash: NO_HASH });
        }
      }
    });

    it("should leave out a lease whose log is changed, so that its block does not fit", () => {
      const forge = Forge.begun();
      const id = forge.open({ known: false });
      const { vCpus, memoryMB, diskGB, duration } = TERMS;
      const encoded = REPLAYED_EVENTS.encodeEventLog("LeaseOpened", [
        id,
        ADA,
        NOBODY,
        vCpus,
        memoryMB,
        diskGB,
        duration,
        COST,
      ]);
      const [first, second, third, provider = ""] = encoded.topics;
      forge.log.add({ ...encoded, topics: [first ?? "", second ?? "", third ?? "", withByte(provider, 0, "01")] });
      expect(forge.replay(ADA).misfit?.number).to.equal(2);
      forge.log.add(encoded);
      expect(forge.replay(ADA).misfit).to.equal(undefined);
    });

    it("should pass over events of other kinds", () => {
      const log = changed((encoded) => encoded);
      log.add({ topics: [keccak256("0x12"), link], data: "0x" });
      log.add({ topics: [], data: "0x" });
      expect(log.replay(PLACE, ADA).misfit).to.equal(undefined);
    });
  });

  describe("when it is read by account", () => {
    it("should hold what was sent between accounts in another order", () => {
      const forge = Forge.begun();
      const hashes = [1n, 2n, 3n].map((amount) => forge.add(ADA, BlockType.Send, sendLink(BEN), -amount));
      for (const [i, amount] of [
        [2, 3n],
        [0, 1n],
        [1, 2n],
      ] as const) {
        forge.add(BEN, BlockType.Receive, hashes[i] ?? NO_HASH, amount);
      }
      expect(forge.replay(BEN).misfit).to.equal(undefined);
      expect(forge.replay(BEN).blocks.map(({ change }) => change)).to.deep.equal([1_000n * UNIT, 3n, 1n, 2n]);
    });

    it("should leave out what another contract wrote, though the node answers it", async () => {
      const balance = 5n;
      const previous = genesisOf(PLACE.chainId, PLACE.ledger, ADA);
      const block = { blockType: BlockType.Mint, account: ADA, asset: XUSD, previous, link: NO_HASH, balance };
      const encoded = REPLAYED_EVENTS.encodeEventLog("BlockAdded", [
        ADA,
        hashBlock(block),
        NO_HASH,
        BlockType.Mint,
        XUSD,
        balance,
      ]);
      const answering = (address: string) => ({
        getLogs: async () => Promise.resolve([{ ...encoded, address, blockNumber: 0, index: 0 } as unknown as Log]),
      });
      const range = { from: 0, to: 0 };
      expect((await readLedgerLog(answering(BEN), PLACE.ledger, range)).accounts).to.deep.equal([]);
      for (const address of [PLACE.ledger, PLACE.ledger.toLowerCase()]) {
        const log = await readLedgerLog(answering(address), PLACE.ledger, range);
        expect(log.replay(PLACE, ADA)).to.deep.include({ xusd: 5n, misfit: undefined });
      }
    });

    it("should give an account without blocks an empty chain", () => {
      const { blocks, head, xe, xusd, misfit } = Forge.begun().replay(NOBODY);
      expect({ blocks, head, xe, xusd, misfit }).to.deep.equal({
        blocks: [],
        head: NO_HASH,
        xe: 0n,
        xusd: 0n,
        misfit: undefined,
      });
    });
  });
});
