// Makes calls with the official TypeScript SDK: `calls.js ADDRESS COUNT`.
// Prints the processor time of one call in nanoseconds, the least of five blocks of COUNT calls.
'use strict';

const { default: Client } = require('@alicloud/cs20151215');
const { $OpenApiUtil } = require('@alicloud/openapi-core');

const CLUSTER = 'c106f377e16f34eb1808d6b9362c9test';

async function main() {
  const [address, count] = [process.argv[2], Number(process.argv[3])];
  const client = new Client(
    new $OpenApiUtil.Config({
      accessKeyId: 'LTAI5tExampleabcd',
      accessKeySecret: 'placeholder',
      endpoint: address,
      protocol: 'HTTP',
      regionId: 'cn-hangzhou',
    }),
  );
  const answer = await client.getUpgradeStatus(CLUSTER);
  if (!answer.body.upgradeStep) throw new Error('the answer was not read');
  const blocks = [];
  for (let block = 0; block < 5; block += 1) {
    const start = process.cpuUsage();
    for (let call = 0; call < count; call += 1) await client.getUpgradeStatus(CLUSTER);
    const { user, system } = process.cpuUsage(start);
    blocks.push(((user + system) * 1000) / count);
  }
  console.log(Math.min(...blocks));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
