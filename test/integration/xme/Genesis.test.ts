import { expect } from "chai";
import { ZeroAddress, id } from "ethers";
import hre, { network } from "hardhat";

import { ALLOCATIONS, VESTING_SCHEDULES, XME_SUPPLY, XMEX_SUPPLY } from "../../../src/xme/genesis.js";
import type { Genesis } from "../../../typechain-types/index.js";
import { accounts, addressOf, deployAllocated, deployUnallocated, TWO_DAYS } from "../../support/xmeGenesis.js";

const connection = await network.create();
const { ethers, networkHelpers } = connection;

const DAY = 86_400n;
const SHARES = [10_000n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];
/** The least gas with which `allocate` starts. */
const MIN_ALLOCATE_GAS = 8_000_000n;
/** The most gas that a transaction may use from the Fusaka upgrade on (EIP-7825). */
const TRANSACTION_GAS_CAP = 16_777_216n;
const CODE_SIZE_LIMIT = 24_576;
const CREATION_CODE_LIMIT = 49_152;

type Recipients = Genesis.RecipientsStruct;
type Role = keyof Recipients;
const ROLES = [
  "publicSale",
  "airdrop",
  "teamVesting",
  "privateSaleVesting",
  "liquiditySeeder",
  "emissionVault",
] as const satisfies readonly Role[];

describe("Genesis", () => {
  const unallocated = () => deployUnallocated(connection);
  const allocated = () => deployAllocated(connection);

  /** The selector of a getter, as `Genesis_WrongKind` names it. */
  const getter = (name: string) => id(`${name}()`).slice(0, 10);

  /** Genesis must refuse the right recipients with `changes` applied, and name `error` with `values`. */
  async function expectRefusal(
    world: Awaited<ReturnType<typeof unallocated>>,
    changes: Partial<Recipients>,
    error: string,
    values: readonly unknown[],
  ) {
    const { genesis, recipients } = world;
    await expect(genesis.allocate.staticCall({ ...recipients, ...changes }), error)
      .to.be.revertedWithCustomError(genesis, error)
      .withArgs(...values);
  }

  describe("when it is deployed", () => {
    async function ground() {
      const people = await accounts(connection);
      const creator = await ethers.getContractFactory("Genesis");
      const timelockWith = (delay: bigint) => ethers.deployContract("TimelockController", [delay, [], [], ZeroAddress]);
      /** A sound timelock but for one answer, whose length is another one. */
      const answering = async (name: "getMinDelay" | "hasRole", answerLength: bigint) => {
        const model = await timelockWith(TWO_DAYS);
        const { selector } = model.interface.getFunction(name);
        const timelock = await ethers.deployContract("GenesisMisfitAnswer", [model, selector, answerLength]);
        return { timelock: await addressOf(timelock), selector };
      };
      return { ...people, creator, timelockWith, answering };
    }

    it("given the timelock's address holds no contract, should refuse", async () => {
      const { creator, alice, team, investors } = await networkHelpers.loadFixture(ground);
      await expect(creator.deploy(alice, team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_NoCode")
        .withArgs(alice.address);
    });

    it("given the timelock is no timelock, should refuse", async () => {
      const { creator, team, investors } = await networkHelpers.loadFixture(ground);
      const token = await addressOf(await ethers.deployContract("XME"));
      await expect(creator.deploy(token, team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_WrongKind")
        .withArgs(token, getter("getMinDelay"));
    });

    it("given the timelock's answer on delay or roles has another length, should refuse", async () => {
      const { creator, answering, team, investors } = await networkHelpers.loadFixture(ground);
      for (const name of ["getMinDelay", "hasRole"] as const) {
        for (const answerLength of [0n, 31n, 33n, 64n]) {
          const { timelock, selector } = await answering(name, answerLength);
          await expect(creator.deploy(timelock, team, investors), `${name} of ${String(answerLength)} bytes`)
            .to.be.revertedWithCustomError(creator, "Genesis_WrongKind")
            .withArgs(timelock, selector);
        }
      }
      // With the right length the answer counts, and says that this contract is not the one that it passes questions on to.
      const { timelock } = await answering("hasRole", 32n);
      await expect(creator.deploy(timelock, team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_TimelockNotItsAdministrator")
        .withArgs(timelock);
    });

    it("given the timelock's delay is under two days, should refuse", async () => {
      const { creator, timelockWith, team, investors } = await networkHelpers.loadFixture(ground);
      await expect(creator.deploy(await timelockWith(TWO_DAYS - 1n), team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_TimelockDelayTooShort")
        .withArgs(TWO_DAYS - 1n, TWO_DAYS);
    });

    it("given the timelock's delay is over thirty days, should refuse, and take thirty", async () => {
      const { creator, timelockWith, team, investors } = await networkHelpers.loadFixture(ground);
      const thirtyDays = 30n * 86_400n;
      await expect(creator.deploy(await timelockWith(thirtyDays + 1n), team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_TimelockDelayTooLong")
        .withArgs(thirtyDays + 1n, thirtyDays);
      const genesis = await creator.deploy(await timelockWith(thirtyDays), team, investors);
      expect(await genesis.getFunction("MAX_TIMELOCK_DELAY")()).to.equal(thirtyDays);
    });

    it("given the timelock does not administer itself, should refuse", async () => {
      const { creator, team, investors } = await networkHelpers.loadFixture(ground);
      const timelock = await addressOf(await ethers.deployContract("GenesisIdleTimelock", [TWO_DAYS]));
      await expect(creator.deploy(timelock, team, investors))
        .to.be.revertedWithCustomError(creator, "Genesis_TimelockNotItsAdministrator")
        .withArgs(timelock);
    });

    it("given a beneficiary is zero, should refuse", async () => {
      const { creator, timelockWith, team, investors } = await networkHelpers.loadFixture(ground);
      const timelock = await timelockWith(TWO_DAYS);
      for (const [first, second] of [
        [ZeroAddress, investors.address],
        [team.address, ZeroAddress],
      ] as const) {
        await expect(creator.deploy(timelock, first, second)).to.be.revertedWithCustomError(
          creator,
          "Genesis_BeneficiaryIsZero",
        );
      }
    });

    it("given a beneficiary is the deployer, should refuse", async () => {
      const { creator, timelockWith, deployer, team, investors } = await networkHelpers.loadFixture(ground);
      const timelock = await timelockWith(TWO_DAYS);
      for (const [first, second] of [
        [deployer, investors],
        [team, deployer],
      ] as const) {
        await expect(creator.deploy(timelock, first, second))
          .to.be.revertedWithCustomError(creator, "Genesis_BeneficiaryIsDeployer")
          .withArgs(deployer.address);
      }
    });

    it("given sound terms, should hold both supplies", async () => {
      const { genesis, xme, xmex } = await networkHelpers.loadFixture(unallocated);
      expect(await xme.balanceOf(genesis)).to.equal(XME_SUPPLY);
      expect(await xme.totalSupply()).to.equal(XME_SUPPLY);
      expect(await xmex.balanceOf(genesis)).to.equal(XMEX_SUPPLY);
      expect(await xmex.totalSupply()).to.equal(XMEX_SUPPLY);
    });

    it("given sound terms, should show tokens, timelock, deployer, beneficiaries and its time", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, xme, xmex, timelock, deployer, team, investors } = world;
      expect(await xme.symbol()).to.equal("XME");
      expect(await xmex.symbol()).to.equal("XMEX");
      expect(await genesis.timelock()).to.equal(await timelock.getAddress());
      expect(await genesis.deployer()).to.equal(deployer.address);
      expect(await genesis.teamBeneficiary()).to.equal(team.address);
      expect(await genesis.privateSaleBeneficiary()).to.equal(investors.address);
      expect(await genesis.allocated()).to.equal(false);
      const deployment = await genesis.deploymentTransaction()?.wait();
      const block = await ethers.provider.getBlock(deployment?.blockNumber ?? -1);
      expect(await genesis.genesisTime()).to.equal(block?.timestamp);
    });

    it("given sound terms, should have a table that is the model's and adds up to the supplies", async () => {
      const { genesis } = await networkHelpers.loadFixture(unallocated);
      const inCode = [
        await genesis.XME_FOR_TREASURY(),
        await genesis.XME_FOR_PUBLIC_SALE(),
        await genesis.XME_FOR_AIRDROP(),
        await genesis.XME_FOR_TEAM(),
        await genesis.XME_FOR_PRIVATE_SALE(),
        await genesis.XME_FOR_LIQUIDITY(),
        await genesis.XMEX_FOR_EMISSION(),
        await genesis.XMEX_FOR_TREASURY(),
        await genesis.XMEX_FOR_LIQUIDITY(),
      ];
      expect(inCode).to.deep.equal(ALLOCATIONS.map((line) => line.amount));
      const sumOf = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n);
      expect(sumOf(inCode.slice(0, 6))).to.equal(XME_SUPPLY);
      expect(sumOf(inCode.slice(6))).to.equal(XMEX_SUPPLY);
      expect([await genesis.XME_SUPPLY(), await genesis.XMEX_SUPPLY()]).to.deep.equal([XME_SUPPLY, XMEX_SUPPLY]);
    });

    it("given sound terms, should fit the limits on code and creation code", async () => {
      if (hre.globalOptions.coverage === true) return;
      for (const name of ["XME", "XMEX", "Genesis", "Vesting", "LiquiditySeeder"]) {
        const { bytecode, deployedBytecode } = await hre.artifacts.readArtifact(name);
        expect(deployedBytecode.length / 2 - 1, name).to.be.at.most(CODE_SIZE_LIMIT);
        expect(bytecode.length / 2 - 1, name).to.be.at.most(CREATION_CODE_LIMIT);
      }
    });
  });

  describe("when recipients are named", () => {
    it("given less gas than the dearest case needs, should refuse", async () => {
      const { genesis, recipients } = await networkHelpers.loadFixture(unallocated);
      expect(await genesis.MIN_ALLOCATE_GAS()).to.equal(MIN_ALLOCATE_GAS);
      await expect(genesis.allocate.staticCall(recipients, { gasLimit: MIN_ALLOCATE_GAS }))
        .to.be.revertedWithCustomError(genesis, "Genesis_TooLittleGas")
        .withArgs((left: bigint) => left < MIN_ALLOCATE_GAS && left > MIN_ALLOCATE_GAS - 50_000n, MIN_ALLOCATE_GAS);
      await genesis.allocate.staticCall(recipients, { gasLimit: MIN_ALLOCATE_GAS + 50_000n });
    });

    it("given anybody but the deployer names them, should refuse", async () => {
      const { genesis, recipients, deployer, governor, attacker } = await networkHelpers.loadFixture(unallocated);
      for (const caller of [governor, attacker]) {
        await expect(genesis.connect(caller).allocate(recipients))
          .to.be.revertedWithCustomError(genesis, "Genesis_NotDeployer")
          .withArgs(caller.address, deployer.address);
      }
    });

    it("given the right ones, should give each what the model says, and keep nothing", async () => {
      const world = await networkHelpers.loadFixture(allocated);
      const { genesis, xme, xmex, timelock, recipients, liquiditySeeder, model } = world;
      const tokens = { XME: xme, XMEX: xmex };
      const leftovers = { XME: model.xmeLeft, XMEX: model.xmexLeft };
      for (const { token, recipient, amount } of ALLOCATIONS) {
        // The seeder has turned its share into the pool, and sent what the pool did not take to the treasury.
        if (recipient === "liquiditySeeder") {
          expect(await tokens[token].balanceOf(liquiditySeeder), `${token} of the seeder`).to.equal(0n);
        } else if (recipient === "treasury") {
          expect(await tokens[token].balanceOf(timelock), `${token} of the treasury`).to.equal(
            amount + leftovers[token],
          );
        } else {
          expect(await tokens[token].balanceOf(recipients[recipient]), `${token} of ${recipient}`).to.equal(amount);
        }
      }
      expect(await xme.balanceOf(genesis)).to.equal(0n);
      expect(await xmex.balanceOf(genesis)).to.equal(0n);
      expect(await genesis.allocated()).to.equal(true);
    });

    it("given the right ones, should emit one event for each line of the table", async () => {
      const { genesis, xme, xmex, timelock, recipients } = await networkHelpers.loadFixture(unallocated);
      const tokens = { XME: await xme.getAddress(), XMEX: await xmex.getAddress() };
      const treasury = await timelock.getAddress();
      await (await genesis.allocate(recipients)).wait();
      const events = await genesis.queryFilter(genesis.filters.Allocated());
      const emitted = events.map(({ args }) => `${args.token} ${args.recipient} ${String(args.amount)}`);
      const expected = ALLOCATIONS.map(({ token, recipient, amount }) => {
        const account = recipient === "treasury" ? treasury : recipients[recipient];
        return `${tokens[token]} ${account} ${String(amount)}`;
      });
      expect(emitted.sort()).to.deep.equal(expected.sort());
    });

    it("given the right ones, should have the pool opened before anybody but the seeder gets a token", async () => {
      const { genesis, recipients, liquiditySeeder } = await networkHelpers.loadFixture(allocated);
      const [seeded] = await liquiditySeeder.queryFilter(liquiditySeeder.filters.Seeded());
      if (seeded === undefined) throw new Error("the pool was not opened");
      const events = await genesis.queryFilter(genesis.filters.Allocated());
      const before = events.filter(({ index }) => index < seeded.index).map(({ args }) => args.recipient);
      expect(before).to.deep.equal([recipients.liquiditySeeder, recipients.liquiditySeeder]);
      expect(events.length).to.equal(ALLOCATIONS.length);
    });

    it("given the right ones, should be marked as done before the seeder is called", async () => {
      const { genesis, recipients } = await networkHelpers.loadFixture(unallocated);
      const seeder = await ethers.deployContract("GenesisCuriousSeeder", [genesis]);
      await genesis.allocate({ ...recipients, liquiditySeeder: await addressOf(seeder) });
      expect(await seeder.sawAllocated()).to.equal(true);
    });

    it("given the right ones, should keep the supplies as they were", async () => {
      const { xme, xmex } = await networkHelpers.loadFixture(allocated);
      expect(await xme.totalSupply()).to.equal(XME_SUPPLY);
      expect(await xmex.totalSupply()).to.equal(XMEX_SUPPLY);
    });

    it("given the right ones, should stay below the gas of one transaction, and be estimated at what it asks for", async () => {
      const { genesis, recipients } = await networkHelpers.loadFixture(unallocated);
      const estimate = await genesis.allocate.estimateGas(recipients);
      const receipt = await (await genesis.allocate(recipients)).wait();
      if (hre.globalOptions.coverage === true) return;
      // The chain's search for the least gas stops within 1.5 %.
      expect(estimate).to.be.within(MIN_ALLOCATE_GAS, (MIN_ALLOCATE_GAS * 102n) / 100n);
      expect(receipt?.gasUsed).to.be.lessThan(TRANSACTION_GAS_CAP / 2n);
    });

    it("given the right ones, should leave the deployer no token and no power", async () => {
      const world = await networkHelpers.loadFixture(allocated);
      const { deployer, xme, xmex, timelock, manager, positionManager } = world;
      const { teamVesting, privateSaleVesting } = world;
      expect(await xme.balanceOf(deployer)).to.equal(0n);
      expect(await xmex.balanceOf(deployer)).to.equal(0n);
      expect(await positionManager.getFunction("balanceOf").staticCall(deployer)).to.equal(0n);
      for (const role of ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE"] as const) {
        expect(await timelock.hasRole(await timelock.getFunction(role).staticCall(), deployer), role).to.equal(false);
      }
      expect((await manager.hasRole(0n, deployer))[0]).to.equal(false);
      expect((await manager.hasRole(0n, timelock))[0]).to.equal(true);
      expect(await teamVesting.owner()).to.not.equal(deployer.address);
      expect(await privateSaleVesting.owner()).to.not.equal(deployer.address);
    });

    it("given the right ones, should refuse a second time", async () => {
      const { genesis, recipients } = await networkHelpers.loadFixture(allocated);
      await expect(genesis.allocate(recipients)).to.be.revertedWithCustomError(genesis, "Genesis_AlreadyAllocated");
    });

    it("given the deployer has a role of the timelock, should refuse, for each role, until it is given up", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, timelock, deployer } = world;
      // Nobody administers this timelock but itself: it gives the deployer its roles as it would by a proposal.
      const itself = await ethers.getImpersonatedSigner(await timelock.getAddress());
      await networkHelpers.setBalance(itself.address, 10n ** 18n);
      for (const name of ["DEFAULT_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "CANCELLER_ROLE"] as const) {
        const role = await timelock[name]();
        await timelock.connect(itself).grantRole(role, deployer);
        await expect(genesis.allocate(world.recipients), name)
          .to.be.revertedWithCustomError(genesis, "Genesis_DeployerHasTimelockRole")
          .withArgs(itself.address, role, deployer.address);
        await timelock.connect(deployer).renounceRole(role, deployer);
      }
      await genesis.allocate(world.recipients);
    });

    it("given the deployer administers the vault's access manager, should refuse until it is given up", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, timelock, deployer, manager, emissionVault } = world;
      const governance = await ethers.getImpersonatedSigner(await timelock.getAddress());
      await networkHelpers.setBalance(governance.address, 10n ** 18n);
      await manager.connect(governance).grantRole(0n, deployer, 0n);
      await expectRefusal(world, {}, "Genesis_DeployerIsAdministrator", [
        await emissionVault.getAddress(),
        await manager.getAddress(),
        deployer.address,
      ]);
      await manager.connect(deployer).renounceRole(0n, deployer);
      await genesis.allocate(world.recipients);
    });

    it("given a recipient without code, should refuse, for each", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      for (const role of ROLES) {
        await expectRefusal(world, { [role]: world.alice.address }, "Genesis_NoCode", [world.alice.address]);
        await expectRefusal(world, { [role]: ZeroAddress }, "Genesis_NoCode", [ZeroAddress]);
      }
    });

    it("given a wallet that takes any call, should refuse, for each", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const wallet = await addressOf(await ethers.deployContract("GenesisSilentWallet"));
      for (const role of ROLES) {
        const question = role === "liquiditySeeder" ? "genesis" : "token";
        await expectRefusal(world, { [role]: wallet }, "Genesis_WrongKind", [wallet, getter(question)]);
      }
    });

    it("given an answer that is too short or too long, should refuse, for each", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      for (const role of ROLES) {
        const question = getter(role === "liquiditySeeder" ? "genesis" : "token");
        for (const answerLength of [31n, 33n, 64n]) {
          const misfit = await addressOf(
            await ethers.deployContract("GenesisMisfitAnswer", [world.recipients[role], question, answerLength]),
          );
          await expectRefusal(world, { [role]: misfit }, "Genesis_WrongKind", [misfit, question]);
        }
      }
    });

    it("given one address twice, or the timelock for another share, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { recipients } = world;
      const timelock = await addressOf(world.timelock);
      for (const role of ROLES) {
        await expectRefusal(world, { [role]: timelock }, "Genesis_RecipientTwice", [timelock]);
        for (const other of ROLES) {
          if (other === role) continue;
          await expectRefusal(world, { [role]: recipients[other] }, "Genesis_RecipientTwice", [recipients[other]]);
        }
      }
    });

    it("given two recipients in each other's place, should refuse, for each pair", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, recipients } = world;
      for (const [index, first] of ROLES.entries()) {
        for (const second of ROLES.slice(index + 1)) {
          const swapped = { ...recipients, [first]: recipients[second], [second]: recipients[first] };
          await expect(genesis.allocate.staticCall(swapped), `${first} and ${second}`).to.be.revert(ethers);
        }
      }
      const { publicSale, airdrop, teamVesting, privateSaleVesting, liquiditySeeder, emissionVault } = recipients;
      const { xme, xmex } = world;
      await expectRefusal(world, { publicSale: airdrop, airdrop: publicSale }, "Genesis_WrongKind", [
        airdrop,
        getter("end"),
      ]);
      await expectRefusal(world, { publicSale: teamVesting, teamVesting: publicSale }, "Genesis_WrongKind", [
        teamVesting,
        getter("treasury"),
      ]);
      await expectRefusal(
        world,
        { teamVesting: privateSaleVesting, privateSaleVesting: teamVesting },
        "Genesis_WrongVestingOwner",
        [privateSaleVesting, world.investors.address, world.team.address],
      );
      await expectRefusal(world, { airdrop: liquiditySeeder, liquiditySeeder: airdrop }, "Genesis_WrongKind", [
        liquiditySeeder,
        getter("token"),
      ]);
      await expectRefusal(world, { airdrop: emissionVault, emissionVault: airdrop }, "Genesis_WrongToken", [
        emissionVault,
        await xmex.getAddress(),
        await xme.getAddress(),
      ]);
    });

    it("given a recipient for the other token, should refuse, for sale, airdrop, both wallets and vault", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { timelock, manager, start, team, investors } = world;
      const xme = await addressOf(world.xme);
      const xmex = await addressOf(world.xmex);
      const now = BigInt(await networkHelpers.time.latest());
      const { teamVesting, privateSaleVesting } = VESTING_SCHEDULES;
      const wrong = {
        publicSale: await ethers.deployContract("PublicSale", [xmex, timelock, 1n, 1n, now, now + DAY]),
        airdrop: await ethers.deployContract("MerkleAirdrop", [xmex, timelock, id("root"), now + DAY]),
        teamVesting: await ethers.deployContract("Vesting", [
          xmex,
          team,
          start,
          teamVesting.cliff,
          teamVesting.duration,
        ]),
        privateSaleVesting: await ethers.deployContract("Vesting", [
          xmex,
          investors,
          start,
          privateSaleVesting.cliff,
          privateSaleVesting.duration,
        ]),
      };
      for (const role of ["publicSale", "airdrop", "teamVesting", "privateSaleVesting"] as const) {
        const address = await addressOf(wrong[role]);
        await expectRefusal(world, { [role]: address }, "Genesis_WrongToken", [address, xmex, xme]);
      }
      const vault = await addressOf(await ethers.deployContract("EmissionVault", [xme, manager, start, SHARES]));
      await expectRefusal(world, { emissionVault: vault }, "Genesis_WrongToken", [vault, xme, xmex]);
    });

    it("given a sale or an airdrop with another treasury, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { xme, attacker } = world;
      const timelock = await world.timelock.getAddress();
      const now = BigInt(await networkHelpers.time.latest());
      const publicSale = await addressOf(
        await ethers.deployContract("PublicSale", [xme, attacker, 1n, 1n, now, now + DAY]),
      );
      const airdrop = await addressOf(
        await ethers.deployContract("MerkleAirdrop", [xme, attacker, id("root"), now + DAY]),
      );
      await expectRefusal(world, { publicSale }, "Genesis_WrongTreasury", [publicSale, attacker.address, timelock]);
      await expectRefusal(world, { airdrop }, "Genesis_WrongTreasury", [airdrop, attacker.address, timelock]);
    });

    it("given a sale or an airdrop that is over, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { publicSale, airdrop, recipients } = world;
      await networkHelpers.time.increaseTo(await publicSale.end());
      await expectRefusal(world, {}, "Genesis_AlreadyOver", [recipients.publicSale, await publicSale.end()]);
      const now = BigInt(await networkHelpers.time.latest());
      const next = await ethers.deployContract("PublicSale", [
        world.xme,
        world.timelock,
        1n,
        1n,
        now,
        now + 365n * DAY,
      ]);
      await networkHelpers.time.increaseTo(await airdrop.deadline());
      await expectRefusal(world, { publicSale: await addressOf(next) }, "Genesis_AlreadyOver", [
        recipients.airdrop,
        await airdrop.deadline(),
      ]);
    });

    it("given a vesting wallet with another owner, start, cliff or duration, should refuse, for both", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { xme, start, attacker } = world;
      const wallets = [
        { role: "teamVesting", owner: world.team.address },
        { role: "privateSaleVesting", owner: world.investors.address },
      ] as const;
      for (const { role, owner } of wallets) {
        const { cliff, duration } = VESTING_SCHEDULES[role];
        const made = async (...terms: readonly [string, bigint, bigint, bigint]) =>
          addressOf(await ethers.deployContract("Vesting", [xme, ...terms]));
        const refused = async (address: string, what: string, found: unknown, expected: unknown) =>
          expectRefusal(world, { [role]: address }, `Genesis_WrongVesting${what}`, [address, found, expected]);

        await refused(await made(attacker.address, start, cliff, duration), "Owner", attacker.address, owner);
        // A second earlier or later is wrong, and so are a cliff or a length that start elsewhere.
        for (const shift of [-1n, 1n]) {
          await refused(await made(owner, start + shift, cliff, duration), "Start", start + shift, start);
          await refused(
            await made(owner, start, cliff + shift, duration),
            "Cliff",
            start + cliff + shift,
            start + cliff,
          );
          await refused(await made(owner, start, cliff, duration + shift), "Duration", duration + shift, duration);
        }
        await refused(await made(owner, start, 0n, duration), "Cliff", start, start + cliff);
      }
    });

    it("given a vesting wallet that was handed over, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { teamVesting, recipients, team, attacker } = world;
      await teamVesting.connect(team).transferOwnership(attacker);
      await teamVesting.connect(attacker).acceptOwnership();
      await expectRefusal(world, {}, "Genesis_WrongVestingOwner", [
        recipients.teamVesting,
        attacker.address,
        team.address,
      ]);
    });

    it("given a seeder of another genesis, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, timelock, uniswap, team, investors } = world;
      const other = await ethers.deployContract("Genesis", [timelock, team, investors]);
      const liquiditySeeder = await addressOf(
        await ethers.deployContract("LiquiditySeeder", [other, uniswap.positionManager, 10n ** 20n, 3_000n]),
      );
      await expectRefusal(world, { liquiditySeeder }, "Genesis_WrongGenesis", [
        liquiditySeeder,
        await other.getAddress(),
        await genesis.getAddress(),
      ]);
    });

    it("given an emission vault that releases another amount, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const emissionVault = await addressOf(await ethers.deployContract("GenesisLesserVault", [world.xmex]));
      await expectRefusal(world, { emissionVault }, "Genesis_WrongAllocation", [
        emissionVault,
        80_000_000_000n * 10n ** 18n,
        90_000_000_000n * 10n ** 18n,
      ]);
    });

    it("given an emission vault that the timelock does not govern, should refuse", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { xme, xmex, start, attacker } = world;
      const vaultUnder = async (authority: string) =>
        addressOf(await ethers.deployContract("EmissionVault", [xmex, authority, start, SHARES]));
      const theirs = await addressOf(await ethers.deployContract("AccessManager", [attacker]));
      const captured = await vaultUnder(theirs);
      await expectRefusal(world, { emissionVault: captured }, "Genesis_WrongAuthority", [
        captured,
        theirs,
        await world.timelock.getAddress(),
      ]);
      const { selector } = world.manager.interface.getFunction("hasRole");
      const noManagers = [await addressOf(xme)];
      for (const answerLength of [32n, 63n, 96n]) {
        const misfit = await ethers.deployContract("GenesisMisfitAnswer", [world.manager, selector, answerLength]);
        noManagers.push(await addressOf(misfit));
      }
      for (const noManager of noManagers) {
        await expectRefusal(world, { emissionVault: await vaultUnder(noManager) }, "Genesis_WrongKind", [
          noManager,
          selector,
        ]);
      }
    });

    it("given a refusal, should have moved nothing, and accept the right ones afterwards", async () => {
      const world = await networkHelpers.loadFixture(unallocated);
      const { genesis, xme, xmex, recipients, alice } = world;
      await expect(genesis.allocate({ ...recipients, emissionVault: alice })).to.be.revertedWithCustomError(
        genesis,
        "Genesis_NoCode",
      );
      expect(await genesis.allocated()).to.equal(false);
      expect(await xme.balanceOf(genesis)).to.equal(XME_SUPPLY);
      expect(await xmex.balanceOf(genesis)).to.equal(XMEX_SUPPLY);
      await genesis.allocate(recipients);
      expect(await xme.balanceOf(genesis)).to.equal(0n);
      expect(await xmex.balanceOf(genesis)).to.equal(0n);
    });
  });
});
