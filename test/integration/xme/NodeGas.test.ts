import { network } from "hardhat";
const { ethers, networkHelpers } = await network.create({ override: { allowUnlimitedContractSize: true } } as never);
describe("gas", () => {
  it("x", async () => {
    const [d, op, u, u2] = await ethers.getSigners();
    const xme = await ethers.deployContract("XME");
    const xmex = await ethers.deployContract("XMEX");
    const man = await ethers.deployContract("AccessManager", [d!]);
    const n = await ethers.deployContract("NodeStaking", [xme, xmex, ethers.ZeroAddress, 0n, man]);
    const E = 10n ** 18n;
    for (const x of [op!, u!, u2!]) {
      await xme.transfer(x, 10n ** 25n); await xmex.transfer(x, 10n ** 26n);
      await xme.connect(x).approve(n, 2n ** 256n - 1n); await xmex.connect(x).approve(n, 2n ** 256n - 1n);
    }
    await xme.approve(n, 2n ** 256n - 1n); await xmex.approve(n, 2n ** 256n - 1n);
    await n.connect(op!).openNode(100_000n * E, 1000n, "ipfs://x");
    const g = async (what: string, tx: any) => { const r = await (await tx).wait(); console.log(what, r.gasUsed);
      if (what === "next" && process.env.TR) { const t: any = await ethers.provider.send("debug_traceTransaction", [r.hash, {disableMemory:true,disableStack:false,disableStorage:true}]);
        const by: any = {}; const L = t.structLogs; for (let i=0;i<L.length;i++){ const l=L[i]; const c = Number(l.gasCost); const k=l.op+(l.op==="SSTORE"||l.op==="SLOAD"?":"+c:""); by[k]??=[0,0]; by[k][0]++; by[k][1]+= l.op.includes("CALL")?0:c; }
        (await import("node:fs")).writeFileSync("/tmp/ng/trace.json", JSON.stringify(L.map((l:any)=>[l.pc,l.op,Number(l.gasCost),l.depth]))); if(process.env.TR==="2") console.log(Object.entries(by).sort((a:any,b:any)=>b[1][1]-a[1][1]).slice(0,30).map(([k,v]:any)=>k+" x"+v[0]+" = "+v[1]).join("\n")); } };
    await n.connect(u2!).delegate(1n, 1_000_000n * E);
    await n.addXmexIncome(1_000_000n * E + 7n);
    if (process.env.XME === "1") await n.addXmeIncome(10_000n * E + 5n);
    let t = BigInt(await networkHelpers.time.latest()); t = (t / 2592000n + 1n) * 2592000n + 1000n;
    await networkHelpers.time.increaseTo(t);
    await g("other crossing", n.connect(u2!).delegate(1n, 1_000n * E + 3n));
    await networkHelpers.time.increaseTo(t+5000n);
    await g("other", n.connect(u2!).delegate(1n, 1_000n * E + 3n));
    await networkHelpers.time.increaseTo(t+15000n);
    await g("first", n.connect(u!).delegate(1n, 1_000n * E + 3n));
    await networkHelpers.time.increaseTo(t+25000n);
    await g("next", n.connect(u!).delegate(1n, 1_000n * E + 3n));
    await networkHelpers.time.increaseTo(t+26000n);
    await g("undelegate", n.connect(u!).undelegate(1n, 1_00n * E + 3n));
    await networkHelpers.time.increaseTo(t+27000n);
    await g("claim", n.connect(u!).claimXme([1n], u!).catch(()=>n.collectIncome()));
  });
});
