import {
  type CompilationTarget,
  type CompiledContractCborAuxdata,
  type Metadata,
  SolidityCompilation,
  type SolidityJsonInput,
  type SolidityOutput,
  type SolidityOutputContract,
} from "@ethereum-sourcify/lib-sourcify";

import type { RecordedBuild } from "./record.js";

/** What solc appends: a map of two entries, the sources' hash and the compiler's version, and its length, 51 bytes. */
const METADATA = /a264697066735822[0-9a-f]{68}64736f6c6343[0-9a-f]{6}0033/g;

/**
 * A compilation that was done already. It finds the metadata in the bytecode by its form: lib-sourcify compiles everything a second time
 * with edited sources and looks at what changed, which doubles the minutes that this takes.
 */
export class RecordedCompilation extends SolidityCompilation {
  constructor({ solcLongVersion, input }: RecordedBuild, output: SolidityOutput, target: CompilationTarget) {
    super({ compile: () => Promise.resolve(output) }, solcLongVersion, input as unknown as SolidityJsonInput, target);
  }

  /**
   * None for lib-sourcify, which would try for minutes whether other spellings of the sources have the hash of the chain: these are on
   * record as they were.
   */
  override get metadata(): undefined {
    return undefined;
  }

  /** The sources that the contract is made of, as the compiler knows them. */
  get sourceNames(): readonly string[] {
    const { sources } = JSON.parse((this.contractCompilerOutput as SolidityOutputContract).metadata) as Metadata;
    return Object.keys(sources);
  }

  override generateCborAuxdataPositions(): Promise<void> {
    this._runtimeBytecodeCborAuxdata = metadataIn(this.runtimeBytecode);
    this._creationBytecodeCborAuxdata = metadataIn(this.creationBytecode);
    return Promise.resolve();
  }
}

function metadataIn(bytecode: string): CompiledContractCborAuxdata {
  const found = [...bytecode.matchAll(METADATA)];
  return Object.fromEntries(
    found.map(({ 0: value, index }, i) => [String(i + 1), { offset: (index - 2) / 2, value: `0x${value}` }]),
  );
}
