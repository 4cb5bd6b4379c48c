import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { SimpleMerkleTree, StandardMerkleTree } from "@openzeppelin/merkle-tree";
import { expect } from "chai";
import { AbiCoder, keccak256 as ethersKeccak256 } from "ethers";

import { ExplainedError } from "../../../src/deployment/explained-error.js";
import {
  BATCH_SIZE,
  buildTree,
  type Hex,
  hashRows,
  keccak256,
  KeccakBatch,
  LeafEncoding,
  type LeafValue,
  MerkleStore,
  proofOf,
  rootOf,
  sortedOrder,
  toHex,
  verifyProof,
  writeFileAtomically,
  writeStore,
} from "../../../src/merkle/index.js";

const AIRDROP = ["uint256", "address", "uint256"];

function random(seed: string): Uint8Array {
  return keccak256(Buffer.from(seed));
}

function randomAddress(seed: string): Hex {
  return toHex(random(seed).subarray(0, 20));
}

function airdropRows(count: number, seed = "rows"): LeafValue[][] {
  return Array.from({ length: count }, (_, i) => {
    const name = `${seed} ${String(i)}`;
    return [BigInt(i), randomAddress(name), BigInt(toHex(random(name).subarray(20)))];
  });
}

function treeOf(types: string[], values: LeafValue[][]) {
  const encoding = new LeafEncoding(types);
  const rows = new Uint8Array(values.length * encoding.size);
  for (const [i, row] of values.entries()) encoding.write(row, rows, i * encoding.size);
  return { encoding, rows, tree: buildTree(hashRows(rows, encoding.size)) };
}

function expectEqualTrees(types: string[], values: LeafValue[][]): void {
  const { tree } = treeOf(types, values);
  const peer = StandardMerkleTree.of(values, types);
  expect(toHex(rootOf(tree))).to.equal(peer.root);
  for (const i of values.keys()) expect(proofOf(tree, i).map(toHex)).to.deep.equal(peer.getProof(i));
}

describe("Merkle", () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "xonomy-merkle-"));
    path = join(folder, "store");
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  describe("LeafEncoding", () => {
    const types = ["uint256", "uint8", "int256", "int16", "address", "bool", "bytes1", "bytes20", "bytes32"];
    const tuples: LeafValue[][] = [
      [0n, 0n, 0n, 0n, `0x${"00".repeat(20)}`, false, "0x00", `0x${"00".repeat(20)}`, `0x${"00".repeat(32)}`],
      [
        2n ** 256n - 1n,
        255n,
        -(2n ** 255n),
        -32768n,
        `0x${"ff".repeat(20)}`,
        true,
        "0xff",
        randomAddress("a"),
        toHex(random("b")),
      ],
      [1n, 2n, 2n ** 255n - 1n, 32767n, randomAddress("c"), true, "0x01", randomAddress("d"), toHex(random("e"))],
    ];

    it("encodes every static type as abi.encode does, and decodes it again", () => {
      const encoding = new LeafEncoding(types);
      for (const tuple of tuples) {
        expect(toHex(encoding.encode(tuple))).to.equal(AbiCoder.defaultAbiCoder().encode(types, tuple));
        expect(encoding.decode(encoding.encode(tuple))).to.deep.equal(tuple);
      }
    });

    it("hashes a leaf as StandardMerkleTree does", () => {
      for (const tuple of tuples) {
        expect(toHex(new LeafEncoding(types).leafHash(tuple))).to.equal(StandardMerkleTree.of([tuple], types).root);
      }
    });

    it("refuses a type that is unknown or of variable length by its name", () => {
      for (const type of [
        "uint",
        "uint7",
        "uint264",
        "int0",
        "bytes",
        "bytes0",
        "bytes33",
        "string",
        "uint256[]",
        "Address",
        "",
      ]) {
        expect(() => new LeafEncoding([type]), type).to.throw(RangeError, `"${type}" is no static ABI type`);
      }
      expect(() => new LeafEncoding([])).to.throw(RangeError, "at least one type");
    });

    it("refuses a value that does not fit its type", () => {
      const bad: [string, LeafValue][] = [
        ["uint8", 256n],
        ["uint8", -1n],
        ["int8", 128n],
        ["int8", -129n],
        ["uint256", 2n ** 256n],
        ["uint256", "0x01"],
        ["address", "0x01"],
        ["address", 1n],
        ["bytes32", `0x${"00".repeat(31)}`],
        ["bytes1", "0xzz"],
        ["bool", 1n],
      ];
      for (const [type, value] of bad) {
        expect(() => new LeafEncoding([type]).encode([value]), `${type} ${String(value)}`).to.throw(RangeError);
      }
      expect(() => new LeafEncoding(["bool"]).encode([true, true])).to.throw(RangeError, "1 values (bool), not 2");
    });

    it("refuses to decode a word whose padding is not abi.encode's", () => {
      const word = new Uint8Array(32).fill(1);
      for (const type of ["uint8", "address", "bool", "bytes31"]) {
        expect(() => new LeafEncoding([type]).decode(word), type).to.throw(
          RangeError,
          `is not the encoding of a ${type}`,
        );
      }
      expect(() => new LeafEncoding(["bool"]).decode(new Uint8Array(31))).to.throw(RangeError, "32 bytes, not 31");
    });
  });

  describe("KeccakBatch", () => {
    const seed = String(Date.now());
    /** Bytes that are random, all zero and all one. */
    const fill = (target: Uint8Array): void => {
      for (let at = 0; at < target.length; at += 32)
        target.set(random(`${seed} ${String(at)}`).subarray(0, target.length - at), at);
      target.fill(0, 0, target.length / 8).fill(0xff, target.length / 8, target.length / 4);
    };

    it(`hashes messages of 8 to 128 bytes as ethers does, few and a whole batch (seed ${seed})`, () => {
      for (let size = 8; size <= 128; size += 8) {
        const batch = new KeccakBatch(size);
        fill(batch.input);
        const before = batch.input.slice();
        for (const count of [0, 1, 7, BATCH_SIZE]) {
          batch.output.fill(0);
          batch.hash(count);
          expect(Buffer.compare(batch.input, before), "messages stay as they are").to.equal(0);
          for (const i of [0, 1, 6, 511, BATCH_SIZE - 1].filter((place) => place < count)) {
            const hash = batch.output.subarray(i * 32, (i + 1) * 32);
            const message = batch.input.subarray(i * size, (i + 1) * size);
            expect(toHex(hash), `${String(i)} of ${String(size)} bytes`).to.equal(ethersKeccak256(message));
          }
        }
      }
    });

    it("refuses messages that don't fit one block or no whole words, and more of them than a batch holds", () => {
      for (const size of [0, -8, 7, 129, 136])
        expect(() => new KeccakBatch(size), String(size)).to.throw(RangeError, "can't be hashed in batches");
      for (const count of [-1, 1.5, BATCH_SIZE + 1])
        expect(() => {
          new KeccakBatch(8).hash(count);
        }, String(count)).to.throw(RangeError, "A batch has 0 to");
    });
  });

  describe("hashRows", () => {
    it("hashes rows short and long, in one batch and in many, as one by one", () => {
      for (const words of [1, 3, 4, 5, 9]) {
        const encoding = new LeafEncoding(Array.from({ length: words }, () => "uint256"));
        for (const count of [1, BATCH_SIZE, 2 * BATCH_SIZE + 3]) {
          const rows = new Uint8Array(count * encoding.size);
          for (let at = 0; at < rows.length; at += encoding.size) rows.set(random(String(at)), at);
          const hashes = hashRows(rows, encoding.size);
          expect(hashes.length).to.equal(count * 32);
          for (const i of [0, 1, BATCH_SIZE - 1, BATCH_SIZE, count - 1].filter((row) => row < count)) {
            const once = ethersKeccak256(rows.subarray(i * encoding.size, (i + 1) * encoding.size));
            const leaf = toHex(hashes.subarray(i * 32, (i + 1) * 32));
            expect(leaf, `${String(words)} words, row ${String(i)}`).to.equal(ethersKeccak256(once));
          }
        }
      }
    });
  });

  describe("sortedOrder", () => {
    it("orders many and few keys as a plain sort does, equal ones as they came", () => {
      for (const count of [0, 1, 1000, 40_000]) {
        const stride = 12;
        const keys = Array.from({ length: count }, (_, i) => {
          const key = Buffer.from(random(String(i % 30_000)).subarray(0, stride));
          if (i % 7 === 0) key.fill(0xab, 2, 8);
          if (i % 11 === 0) key.fill(0xcd, 2, 6);
          return key;
        });
        const plain = [...keys.keys()].sort((a, b) => {
          const [one, other] = [keys[a], keys[b]].map((key) => (key as Buffer).subarray(2, 10)) as [Buffer, Buffer];
          return Buffer.compare(one, other) || a - b;
        });
        expect([...sortedOrder(Buffer.concat(keys), count, stride, 2, 8)], String(count)).to.deep.equal(plain);
      }
    });
  });

  describe("buildTree", () => {
    const seed = String(Date.now());
    const sizes = [...Array.from({ length: 33 }, (_, i) => i + 1), 1000];
    for (let i = 0; i < 3; i++) sizes.push(34 + (random(`${seed} ${String(i)}`).at(0) ?? 0));

    it(`has StandardMerkleTree's root and its proof of every row, for 1 to 33, 1000 and random numbers of rows (seed ${seed})`, () => {
      for (const size of sizes) expectEqualTrees(AIRDROP, airdropRows(size, seed));
    });

    it("has SimpleMerkleTree's nodes where levels take several batches, and tells its progress", () => {
      for (const size of [BATCH_SIZE + 1, 3 * BATCH_SIZE + 5]) {
        const hashes = Array.from({ length: size }, (_, i) => random(`${seed} leaf ${String(i)}`));
        const peer = SimpleMerkleTree.of(hashes.map(toHex), { sortLeaves: true });
        const told: number[] = [];
        const { nodes } = buildTree(Buffer.concat(hashes), (done) => told.push(done));
        expect(toHex(nodes)).to.equal(
          `0x${peer
            .dump()
            .tree.map((node) => node.slice(2))
            .join("")}`,
        );
        expect(told).to.deep.equal([...told].sort((a, b) => a - b));
      }
    });

    it("has StandardMerkleTree's root and proofs where rows are equal", () => {
      const row = [1n, randomAddress("same")];
      const values = [row, [2n, randomAddress("other")], row, row, [3n, randomAddress("third")]];
      const { tree } = treeOf(["uint256", "address"], values);
      const peer = StandardMerkleTree.of(values, ["uint256", "address"]);
      expect(toHex(rootOf(tree))).to.equal(peer.root);
      for (const i of values.keys()) expect(proofOf(tree, i).map(toHex)).to.deep.equal(peer.getProof(i));
    });

    it("has SimpleMerkleTree's root where hashes share their first four bytes", () => {
      const hashes = Array.from({ length: 100 }, (_, i) => {
        const hash = random(`near ${String(i)}`);
        hash.fill(i % 3, 0, 4 + (i % 2));
        return hash;
      });
      const peer = SimpleMerkleTree.of(hashes.map(toHex), { sortLeaves: true });
      expect(toHex(rootOf(buildTree(Buffer.concat(hashes))))).to.equal(peer.root);
    });

    it("refuses no leaf", () => {
      expect(() => buildTree(new Uint8Array())).to.throw(RangeError, "at least one leaf");
    });

    it("refuses leaves that are no whole number of hashes", () => {
      expect(() => buildTree(new Uint8Array(33))).to.throw(RangeError, "32 bytes each");
      expect(() => hashRows(new Uint8Array(65), 32)).to.throw(RangeError, "no whole number");
    });
  });

  describe("verifyProof", () => {
    it("says no when the leaf, a hash of the proof or the root is another one", () => {
      const { tree, encoding, rows } = treeOf(AIRDROP, airdropRows(9));
      const leaf = hashRows(rows, encoding.size).slice(0, 32);
      const proof = proofOf(tree, 0);
      expect(verifyProof(rootOf(tree), leaf, proof)).to.equal(true);
      expect(verifyProof(rootOf(tree), random("x"), proof)).to.equal(false);
      expect(verifyProof(random("x"), leaf, proof)).to.equal(false);
      for (const i of proof.keys()) {
        expect(verifyProof(rootOf(tree), leaf, proof.with(i, random("x")))).to.equal(false);
        expect(verifyProof(rootOf(tree), leaf, proof.toSpliced(i, 1))).to.equal(false);
      }
      expect(() => proofOf(tree, 9)).to.throw(RangeError, "Leaf 9 is not in a tree of 9");
    });
  });

  describe("MerkleStore", () => {
    async function write(types: string[], values: LeafValue[][], keyColumn: number): Promise<void> {
      await writeStore(path, { ...treeOf(types, values), keyColumn });
    }

    /** Flips a bit of the file. */
    function damage(position: number): void {
      const bytes = readFileSync(path);
      bytes[position] = (bytes[position] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    }

    const cases: [string, string[], LeafValue[][], number][] = [
      ["an airdrop's rows", AIRDROP, airdropRows(50), 1],
      ["one row", AIRDROP, airdropRows(1), 1],
      ["points of social mining", ["address", "uint256"], airdropRows(33).map((row) => row.slice(1)), 0],
      [
        "numbers as keys",
        ["uint256", "bytes32", "bool"],
        airdropRows(33).map(([i]) => [(i as bigint) ** 40n, toHex(random("v")), true]),
        0,
      ],
    ];
    for (const [name, types, values, column] of cases) {
      it(`finds every row by its key, with StandardMerkleTree's proof, given ${name}`, async () => {
        await write(types, values, column);
        const peer = StandardMerkleTree.of(values, types);
        using store = MerkleStore.open(path);
        expect(store.root).to.equal(peer.root);
        for (const [i, row] of values.entries()) {
          expect(store.find(row[column] as LeafValue)).to.deep.equal({
            values: row,
            leaf: toHex(store.encoding.leafHash(row)),
            proof: peer.getProof(i),
            root: peer.root,
          });
        }
        expect(values).to.deep.include(store.at(0).values);
        expect(() => store.at(values.length)).to.throw(RangeError, "is not in a store of");
      });
    }

    it("does not find a key that is not there", async () => {
      await write(AIRDROP, airdropRows(50), 1);
      using store = MerkleStore.open(path);
      for (const account of [`0x${"00".repeat(20)}`, `0x${"ff".repeat(20)}`, randomAddress("stranger")] as const) {
        expect(store.find(account)).to.equal(undefined);
      }
    });

    it("reads a few kilobytes of a large store for a row and its proof, and nothing else of it", async () => {
      const encoding = new LeafEncoding(["uint256"]);
      const rows = new Uint8Array(50_000 * 32);
      for (let i = 0; i < 50_000; i++) new DataView(rows.buffer).setUint32(i * 32 + 28, i);
      const tree = buildTree(hashRows(rows, 32));
      await writeStore(path, { encoding, rows, tree, keyColumn: 0 });
      const held = (): number => process.memoryUsage().arrayBuffers;
      const before = held();
      using store = MerkleStore.open(path);
      expect(store.find(49_321n)?.proof.length).to.be.within(15, 16);
      expect(held() - before).to.be.below(200_000);
      const whole = readFileSync(path);
      expect(held() - before, "what all of it takes")
        .to.be.at.least(whole.length)
        .and.above(5_000_000);
    });

    it("is laid out as docs/airdrop.md says", async () => {
      const values = airdropRows(5);
      await write(AIRDROP, values, 1);
      const peer = StandardMerkleTree.of(values, AIRDROP);
      const bytes = readFileSync(path);
      expect(bytes.length).to.equal(512 + 9 * 32 + 5 * 100);
      expect(bytes.toString("latin1", 0, 8)).to.equal("XONOMERK");
      expect([8, 12, 16, 20, 24, 28].map((at) => bytes.readUInt32BE(at))).to.deep.equal([1, 5, 96, 1, 23, 0]);
      expect(toHex(bytes.subarray(32, 64))).to.equal(peer.root);
      expect(bytes.toString("latin1", 64, 87)).to.equal("uint256,address,uint256");
      expect(bytes.subarray(87, 480).every((byte) => byte === 0)).to.equal(true);
      expect(toHex(bytes.subarray(480, 512))).to.equal(toHex(keccak256(bytes.subarray(0, 480))));
      const dump = peer.dump();
      expect(Array.from({ length: 9 }, (_, i) => toHex(bytes.subarray(512 + i * 32, 544 + i * 32)))).to.deep.equal(
        dump.tree,
      );
      const sorted = [...dump.values].sort((a, b) => (BigInt(a.value[1] as Hex) < BigInt(b.value[1] as Hex) ? -1 : 1));
      for (const [i, { value, treeIndex }] of sorted.entries()) {
        const at = 512 + 9 * 32 + i * 100;
        expect(toHex(bytes.subarray(at, at + 96))).to.equal(AbiCoder.defaultAbiCoder().encode(AIRDROP, value));
        expect(bytes.readUInt32BE(at + 96)).to.equal(treeIndex);
      }
    });

    it("says that the store is damaged, given a byte changed in the header, in a row or in a hash that a proof needs", async () => {
      const values = airdropRows(50);
      await write(AIRDROP, values, 1);
      const good = readFileSync(path);
      for (const position of [9, 13, 17, 40, 70, 300, 511]) {
        damage(position);
        expect(() => MerkleStore.open(path), `header byte ${String(position)}`).to.throw(ExplainedError);
        writeFileSync(path, good);
      }
      // Whatever byte behind the header is changed, each row is either proved or the damage is told.
      let told = 0;
      for (let position = 512; position < good.length; position += 101) {
        damage(position);
        using store = MerkleStore.open(path);
        let toldHere = 0;
        for (const row of values) {
          try {
            expect(store.find(row[1] as Hex)?.values).to.deep.equal(row);
          } catch (error) {
            expect((error as Error).message).to.match(/is damaged: (row \d+ does not hash|the hashes above)/);
            toldHere++;
          }
        }
        // The root among the tree's hashes is in no proof: the header has it.
        if (position >= 544) expect(toldHere, `byte ${String(position)}`).to.be.greaterThan(0);
        told += toldHere;
        writeFileSync(path, good);
      }
      expect(told).to.be.greaterThan(100);
    });

    it("says that the store is damaged, given one that is cut short or longer", async () => {
      await write(AIRDROP, airdropRows(50), 1);
      const good = readFileSync(path);
      for (const bytes of [
        good.subarray(0, -1),
        Buffer.concat([good, Buffer.alloc(1)]),
        good.subarray(0, 512),
        good.subarray(0, 100),
      ]) {
        writeFileSync(path, bytes);
        expect(() => MerkleStore.open(path))
          .to.throw("is damaged")
          .with.property("name", "ExplainedError");
      }
    });

    it("asks to build it again, given another version", async () => {
      await write(AIRDROP, airdropRows(2), 1);
      const bytes = readFileSync(path);
      bytes.writeUInt32BE(2, 8);
      writeFileSync(path, bytes);
      expect(() => MerkleStore.open(path)).to.throw("of version 2; this program reads version 1: build it again");
    });

    it("says so, given a file that is no store, or none", () => {
      writeFileSync(path, "address,amount\n");
      expect(() => MerkleStore.open(path)).to.throw("is no proof store");
      expect(() => MerkleStore.open(join(folder, "missing"))).to.throw("could not be opened");
    });
  });

  describe("writeFileAtomically", () => {
    it("leaves what was there before and nothing else when the writing fails half-way", async () => {
      writeFileSync(path, "before");
      function* failing(): Generator<Uint8Array> {
        yield Buffer.from("half");
        expect(readdirSync(folder)).to.have.length(2);
        throw new Error("half-way");
      }
      let message = "";
      await writeFileAtomically(path, failing()).catch((error: unknown) => (message = (error as Error).message));
      expect(message).to.equal("half-way");
      expect(readdirSync(folder)).to.deep.equal(["store"]);
      expect(readFileSync(path, "utf8")).to.equal("before");
    });

    it("says so when the folder is missing", async () => {
      let message = "";
      const write = writeFileAtomically(join(folder, "none", "store"), [Buffer.from("x")]);
      await write.catch((error: unknown) => (message = (error as Error).message));
      expect(message).to.match(/could not be written \(ENOENT.*check that its folder exists/);
    });

    it("removes what a killed run left", async () => {
      // No process has this id: it is above every system's maximum.
      writeFileSync(join(folder, ".store.2147483646.partial"), "left");
      writeFileSync(join(folder, `.store.${String(process.ppid)}.partial`), "of a running process");
      await writeFileAtomically(path, [Buffer.from("whole")]);
      expect(readdirSync(folder).sort()).to.deep.equal([`.store.${String(process.ppid)}.partial`, "store"]);
      expect(readFileSync(path, "utf8")).to.equal("whole");
    });
  });
});
