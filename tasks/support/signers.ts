import type { HardhatEthersProvider } from "@nomicfoundation/hardhat-ethers/types";
import {
  AbstractSigner,
  hexlify,
  isHexString,
  JsonRpcApiProvider,
  type Provider,
  type Signer,
  type TransactionRequest,
  TransactionResponse,
  type TransactionResponseParams,
  type TypedDataDomain,
  TypedDataEncoder,
  type TypedDataField,
} from "ethers";

import { currencyOf, takesLayer1Fee } from "../../src/deployment/chains.js";
import { doubtOf } from "../../src/deployment/explain.js";
import { ExplainedError } from "../../src/deployment/explained-error.js";
import { formatAmount, formatCount } from "../../src/format.js";
import type { Consent } from "./confirm.js";
import { unlessStopped } from "./interruption.js";
import { printable } from "./text.js";

/** @returns what gas costs at the current price, in a sentence */
export async function costLine(provider: Provider, gas: bigint): Promise<string> {
  const [{ gasPrice }, { chainId }] = await Promise.all([provider.getFeeData(), provider.getNetwork()]);
  const used = `It takes about ${formatCount(gas)} gas`;
  if (gasPrice === null) return `${used}; what it costs the network does not say.`;
  const currency = currencyOf(chainId);
  const beside = takesLayer1Fee(chainId) ? ", and a fee for layer 1" : "";
  return `${used}, about ${formatAmount(gas * gasPrice, 18, 9)} ${currency} at the current price of ${formatAmount(gasPrice, 9, 3)} gwei${beside}.`;
}

/**
 * An account of the network. It tells a transaction's hash as soon as the network has told it, and nothing else of the transaction: Hardhat's own
 * signer looks for it first, and a connection that breaks meanwhile ends the process without the hash.
 */
export class AccountSigner extends AbstractSigner<HardhatEthersProvider> {
  readonly #signer: Signer;

  constructor(signer: Signer, provider: HardhatEthersProvider) {
    super(provider);
    this.#signer = signer;
  }

  override connect(provider: Provider | null): AccountSigner {
    return new AccountSigner(this.#signer.connect(provider), provider as HardhatEthersProvider);
  }

  override getAddress(): Promise<string> {
    return this.#signer.getAddress();
  }

  /** @throws ExplainedError where nobody here knows whether the node has the transaction: sending it again may do it twice */
  override async sendTransaction(transaction: TransactionRequest): Promise<TransactionResponse> {
    const request = await this.populateCall(transaction);
    try {
      const call = JsonRpcApiProvider.prototype.getRpcTransaction(request);
      const hash: unknown = await unlessStopped(
        "It was stopped while a transaction was on its way, so that may have been sent: look at the account's transactions, which a block " +
          "explorer lists, before you run the command again.",
        () => this.provider.send("eth_sendTransaction", [call]),
      );
      if (!isHexString(hash, 32)) throw new Error(`it answered ${JSON.stringify(hash)}`);
      return new TransactionResponse({ hash } as TransactionResponseParams, this.provider);
    } catch (error) {
      const doubt = doubtOf(error);
      if (doubt === undefined) throw error;
      throw new ExplainedError(
        `${doubt}: look at the account's transactions, which a block explorer lists, before you run the command again.`,
        { cause: error },
      );
    }
  }

  override signTransaction(transaction: TransactionRequest): Promise<string> {
    return this.#signer.signTransaction(transaction);
  }

  override signMessage(message: string | Uint8Array): Promise<string> {
    return this.#signer.signMessage(message);
  }

  override signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    return this.#signer.signTypedData(domain, types, value);
  }
}

/** What a contract would be called with. */
export interface RecordedCall {
  readonly to: string;
  readonly value: bigint;
  readonly data: string;
}

/** Ends a call that is not to be sent. */
class Recorded extends Error {}

/** A signer that can also write down what it is asked to send. */
export abstract class Recorder extends AbstractSigner {
  #isRecording = false;
  #last: TransactionRequest | undefined;

  protected abstract send(transaction: TransactionRequest): Promise<TransactionResponse>;

  override sendTransaction(transaction: TransactionRequest): Promise<TransactionResponse> {
    if (!this.#isRecording) return this.send(transaction);
    this.#last = transaction;
    return Promise.reject(new Recorded("written down, and not sent"));
  }

  /** @returns what `transact` would have sent by this signer */
  async record(transact: () => Promise<unknown>): Promise<RecordedCall> {
    this.#last = undefined;
    this.#isRecording = true;
    try {
      await transact();
    } catch (error) {
      if (!(error instanceof Recorded)) throw error;
    } finally {
      this.#isRecording = false;
    }
    const { to, value, data } = (this.#last ?? {}) as TransactionRequest;
    if (typeof to !== "string") throw new Error("a call has to be of a contract");
    return { to, value: BigInt(value ?? 0n), data: data ?? "0x" };
  }
}

/** Asks before anything is signed, whatever a flow does. */
export class AskingSigner extends Recorder {
  readonly #signer: Signer;
  readonly consent: Consent;

  constructor(signer: Signer, consent: Consent) {
    super(signer.provider);
    this.#signer = signer;
    this.consent = consent;
  }

  override connect(provider: Provider | null): AskingSigner {
    return new AskingSigner(this.#signer.connect(provider), this.consent);
  }

  override getAddress(): Promise<string> {
    return this.#signer.getAddress();
  }

  protected override async send(transaction: TransactionRequest): Promise<TransactionResponse> {
    await this.consent.ask("Send it?", async () => {
      const { gasLimit } = transaction;
      const gas = gasLimit == null ? await this.#signer.estimateGas(transaction) : BigInt(gasLimit);
      return this.provider ? [await costLine(this.provider, gas)] : [];
    });
    return this.#signer.sendTransaction(transaction);
  }

  override async signTransaction(transaction: TransactionRequest): Promise<string> {
    await this.#askToSign([
      `A transaction to ${String(transaction.to ?? "a new contract")}, to be sent by somebody else.`,
    ]);
    return this.#signer.signTransaction(transaction);
  }

  override async signMessage(message: string | Uint8Array): Promise<string> {
    await this.#askToSign([
      `The message ${typeof message === "string" ? printable(JSON.stringify(message)) : hexlify(message)}.`,
    ]);
    return this.#signer.signMessage(message);
  }

  override async signTypedData(
    domain: TypedDataDomain,
    types: Record<string, TypedDataField[]>,
    value: Record<string, unknown>,
  ): Promise<string> {
    await this.#askToSign(describeTypedData(domain, types, value));
    return this.#signer.signTypedData(domain, types, value);
  }

  #askToSign(lines: readonly string[]): Promise<void> {
    return this.consent.ask("Sign it?", () => Promise.resolve(lines));
  }
}

/** @returns what a wallet would show of typed data (EIP-712): its name, the contract that takes it, and each field */
function describeTypedData(
  { verifyingContract, chainId }: TypedDataDomain,
  types: Record<string, TypedDataField[]>,
  value: Record<string, unknown>,
): readonly string[] {
  const name = TypedDataEncoder.getPrimaryType(types);
  const place = [
    ...(verifyingContract == null ? [] : [`the contract ${verifyingContract}`]),
    ...(chainId == null ? [] : [`chain ${String(chainId)}`]),
  ];
  return [
    `A signed ${name}${place.length === 0 ? "" : ` for ${place.join(" on ")}`}:`,
    ...(types[name] ?? []).map((field) => `  ${field.name}: ${shown(value[field.name])}`),
  ];
}

/** Text that somebody else may have written does not get to write lines of its own. */
function shown(value: unknown): string {
  return typeof value === "string" && !isHexString(value) ? printable(JSON.stringify(value)) : String(value);
}

/** An account without its key: its calls can be tried and written down, and nothing else. */
export class KeylessSigner extends Recorder {
  readonly #address: string;

  constructor(address: string, provider: Provider | null) {
    super(provider);
    this.#address = address;
  }

  override connect(provider: Provider | null): KeylessSigner {
    return new KeylessSigner(this.#address, provider);
  }

  override getAddress(): Promise<string> {
    return Promise.resolve(this.#address);
  }

  protected override send(): Promise<TransactionResponse> {
    return this.#refuse();
  }

  override signTransaction(): Promise<string> {
    return this.#refuse();
  }

  override signMessage(): Promise<string> {
    return this.#refuse();
  }

  override signTypedData(): Promise<string> {
    return this.#refuse();
  }

  #refuse(): Promise<never> {
    return Promise.reject(
      new ExplainedError(
        `${this.#address} cannot sign here, so this call cannot be printed: run it with the key, and without --calldata.`,
      ),
    );
  }
}
