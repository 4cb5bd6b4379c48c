import { type Artifact, buildModule } from "@nomicfoundation/ignition-core";
import factoryArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json" with { type: "json" };
import managerArtifact from "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json" with { type: "json" };
import { ZeroAddress } from "ethers";

const factory: Artifact = factoryArtifact;
const manager: Artifact = managerArtifact;

/**
 * Uniswap V3 for local chains, from the bytecode that Uniswap published on npm. No descriptor: it only draws the picture of
 * a position, which is of no use on a chain that ends with the day.
 */
export const deployedUniswap = buildModule("Uniswap", (m) => {
  const uniswapFactory = m.contract("UniswapV3Factory", factory);
  const wrappedEther = m.contract("GenesisWrappedEther");
  const positionManager = m.contract("NonfungiblePositionManager", manager, [uniswapFactory, wrappedEther, ZeroAddress]);
  return { uniswapFactory, positionManager };
});

/** The Uniswap V3 that a public chain already has. */
export const existingUniswap = buildModule("Uniswap", (m) => ({
  uniswapFactory: m.contractAt("UniswapV3Factory", factory, m.getParameter<string>("factory")),
  positionManager: m.contractAt("NonfungiblePositionManager", manager, m.getParameter<string>("positionManager")),
}));
