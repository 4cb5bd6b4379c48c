/**
 * A WebAssembly program that hashes messages of one short length, two at a time: Keccak's 25 words of 64 bits are kept in vectors of two, one
 * word of each message. It is put together here instruction by instruction, since no compiler for WebAssembly is among the project's tools.
 * Why: hashing from JavaScript one by one spends most of its time outside the permutation; `test/integration/merkle` compares the results
 * with another implementation, `npm run bench` has the speed.
 * Source: FIPS 202, "SHA-3 Standard: Permutation-Based Hash and Extendable-Output Functions", section 3.2, with Keccak's first padding.
 */

/** Bytes of a Keccak word. */
const WORD = 8;
/** Words of the state, and of the part that a message goes to when the hash has 256 bits. */
const STATE_WORDS = 25;
const RATE_WORDS = 17;
const HASH_WORDS = 4;
const ROUNDS = 24;

/** Rotation of word x + 5y. Source: FIPS 202, table 2. */
const ROTATIONS = [0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14];

/** One bit for each step of the register of FIPS 202, algorithm 5. */
function* roundBits(): Generator<bigint, never> {
  for (let register = 1; ;) {
    yield BigInt(register & 1);
    register <<= 1;
    if (register > 0xff) register ^= 0x171;
  }
}

/** What each round adds to word 0. Source: FIPS 202, algorithm 6. */
function roundConstants(): BigUint64Array {
  const bits = roundBits();
  return BigUint64Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) constant |= bits.next().value << BigInt(2 ** j - 1);
    return constant;
  });
}

/** Bytes at the start of the memory that the program keeps for itself. */
export const RESERVED = ROUNDS * WORD;

// Opcodes. Source: WebAssembly Core Specification 2.0, section 5.4.
const LOOP = 0x03;
const END = 0x0b;
const BRANCH_IF = 0x0d;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const I32_LESS_UNSIGNED = 0x49;
const I32_ADD = 0x6a;
const VECTOR = 0xfd;
const LOAD_64_SPLAT = 10;
const I64X2_SPLAT = 18;
const AND_NOT = 79;
const OR = 80;
const XOR = 81;
const LOAD_64_LANE = 87;
const STORE_64_LANE = 91;
const I64X2_SHIFT_LEFT = 203;
const I64X2_SHIFT_RIGHT_UNSIGNED = 205;

const [I32, V128, FUNCTION, EMPTY_BLOCK] = [0x7f, 0x7b, 0x60, 0x40];

/** LEB128 of an unsigned number. */
function unsigned(value: number): number[] {
  const rest = value >>> 7;
  return rest === 0 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(rest)];
}

/** LEB128 of a signed number. */
function signed(value: bigint): number[] {
  const digit = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = rest === ((digit & 0x40) === 0 ? 0n : -1n);
  return isLast ? [digit] : [digit | 0x80, ...signed(rest)];
}

function section(id: number, content: number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

// Parameters of the function, then its locals.
const INPUT = 0;
const OUTPUT = 1;
const INPUT_END = 2;
const CONSTANT = 3;
const STATE = 4;
const MOVED = STATE + STATE_WORDS;
const COLUMN = MOVED + STATE_WORDS;
const EFFECT = COLUMN + 5;
const SCRATCH = EFFECT + 5;
const VECTORS = SCRATCH + 1 - STATE;

/** The instructions of the one function. */
class Body {
  readonly code: number[] = [];

  get(local: number): this {
    this.code.push(LOCAL_GET, ...unsigned(local));
    return this;
  }

  set(local: number): this {
    this.code.push(LOCAL_SET, ...unsigned(local));
    return this;
  }

  tee(local: number): this {
    this.code.push(LOCAL_TEE, ...unsigned(local));
    return this;
  }

  i32(value: number): this {
    this.code.push(I32_CONST, ...signed(BigInt(value)));
    return this;
  }

  /** A vector of twice the same word. */
  both(value: bigint): this {
    this.code.push(I64_CONST, ...signed(BigInt.asIntN(64, value)));
    return this.vector(I64X2_SPLAT);
  }

  vector(operation: number): this {
    this.code.push(VECTOR, ...unsigned(operation));
    return this;
  }

  /** A vector operation on memory, at the address on the stack and `offset`. */
  memory(operation: number, offset: number, lane: number[] = []): this {
    this.code.push(VECTOR, ...unsigned(operation), 0, ...unsigned(offset), ...lane);
    return this;
  }

  rotate(bits: number): this {
    if (bits === 0) return this;
    this.tee(SCRATCH).i32(bits).vector(I64X2_SHIFT_LEFT);
    return this.get(SCRATCH)
      .i32(64 - bits)
      .vector(I64X2_SHIFT_RIGHT_UNSIGNED)
      .vector(OR);
  }

  /** Adds to a local number and leaves the sum on the stack. */
  advance(local: number, by: number): this {
    this.get(local).i32(by).code.push(I32_ADD);
    return this.tee(local);
  }

  loop(instructions: () => void): this {
    this.code.push(LOOP, EMPTY_BLOCK);
    instructions();
    this.code.push(END);
    return this;
  }

  /** Goes back to the loop's start while the number below the top of the stack is less than the top. */
  againIfLess(): this {
    this.code.push(I32_LESS_UNSIGNED, BRANCH_IF, 0);
    return this;
  }
}

/** Fills the state with two messages and their padding: a one bit behind the message, another at the end of the rate. */
function absorb(body: Body, words: number): void {
  for (let i = 0; i < STATE_WORDS; i++) {
    if (i < words) {
      body
        .get(INPUT)
        .get(INPUT)
        .memory(LOAD_64_SPLAT, i * WORD);
      body.memory(LOAD_64_LANE, (words + i) * WORD, [1]);
    } else {
      body.both((i === words ? 1n : 0n) | (i === RATE_WORDS - 1 ? 1n << 63n : 0n));
    }
    body.set(STATE + i);
  }
}

function round(body: Body): void {
  const at = (x: number, y: number): number => (x % 5) + 5 * (y % 5);
  const rows = [0, 1, 2, 3, 4];
  // theta
  for (const x of rows) {
    body.get(STATE + x);
    for (const y of rows.slice(1)) body.get(STATE + at(x, y)).vector(XOR);
    body.set(COLUMN + x);
  }
  for (const x of rows) {
    body.get(COLUMN + ((x + 1) % 5)).rotate(1);
    body
      .get(COLUMN + ((x + 4) % 5))
      .vector(XOR)
      .set(EFFECT + x);
  }
  // the rest of theta, rho and pi
  for (const [i, bits] of ROTATIONS.entries()) {
    const [x, y] = [i % 5, Math.floor(i / 5)];
    body.get(STATE + i).get(EFFECT + x);
    body
      .vector(XOR)
      .rotate(bits)
      .set(MOVED + at(y, 2 * x + 3 * y));
  }
  // chi and iota
  for (const y of rows) {
    for (const x of rows) {
      body.get(MOVED + at(x + 2, y)).get(MOVED + at(x + 1, y));
      body
        .vector(AND_NOT)
        .get(MOVED + at(x, y))
        .vector(XOR);
      if (x === 0 && y === 0) body.get(CONSTANT).memory(LOAD_64_SPLAT, 0).vector(XOR);
      body.set(STATE + at(x, y));
    }
  }
}

/**
 * The program's one function is `hash(input, output, inputEnd)`, places in its memory: it hashes the messages from `input` to `inputEnd`, at
 * least one, and writes their hashes one after the other from `output`. Of an odd number the last is hashed with what follows it.
 *
 * @param messageSize bytes of a message: a multiple of 8 from 8 to 128, so that message and padding fit one block
 * @param memorySize bytes of its memory, the first `RESERVED` of which are its own
 * @returns the binary of a module that exports `hash` and `memory`
 */
export function keccakProgram(messageSize: number, memorySize: number): Uint8Array<ArrayBuffer> {
  const words = messageSize / WORD;
  if (!Number.isInteger(words) || words < 1 || words >= RATE_WORDS)
    throw new RangeError(`Messages of ${String(messageSize)} bytes can't be hashed in pairs: 8, 16, … to 128 can.`);
  const body = new Body();
  body.loop(() => {
    absorb(body, words);
    body.i32(0).set(CONSTANT);
    body.loop(() => {
      round(body);
      body.advance(CONSTANT, WORD).i32(RESERVED).againIfLess();
    });
    for (let i = 0; i < HASH_WORDS; i++) {
      for (const lane of [0, 1])
        body
          .get(OUTPUT)
          .get(STATE + i)
          .memory(STORE_64_LANE, (lane * HASH_WORDS + i) * WORD, [lane]);
    }
    body
      .advance(OUTPUT, 2 * HASH_WORDS * WORD)
      .set(OUTPUT)
      .advance(INPUT, 2 * messageSize);
    body.get(INPUT_END).againIfLess();
  });
  const name = (text: string): number[] => [text.length, ...Buffer.from(text, "latin1")];
  const code = [2, 1, I32, ...unsigned(VECTORS), V128, ...body.code, END];
  const constants = new Uint8Array(roundConstants().buffer);
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, FUNCTION, 3, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(Math.ceil(memorySize / 65_536))]),
    ...section(7, [2, ...name("hash"), 0, 0, ...name("memory"), 2, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
    ...section(11, [1, 0, I32_CONST, 0, END, ...unsigned(constants.length), ...constants]),
  ]);
}
