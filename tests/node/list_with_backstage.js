// list_with_backstage.js URL EMAIL TOKEN WORKSPACE: what Backstage's client for Bitbucket Cloud lists of a workspace.
// Prints NDJSON {"kind", "json"}; kind "refusal" tells that the list of all workspaces, gone from the service, failed.
const { BitbucketCloudClient } = require('@backstage/plugin-bitbucket-cloud-common');

const [url, username, token, workspace] = process.argv.slice(2);
const client = BitbucketCloudClient.fromConfig({ host: 'bitbucket.org', apiBaseUrl: `${url}/2.0`, username, token });
const short = { pagelen: 3 };

const found = (kind, json) => console.log(JSON.stringify({ kind, json }));

async function main() {
  for await (const project of client.listProjectsByWorkspace(workspace).iterateResults(short)) found('project', project);
  for await (const repository of client.listRepositoriesByWorkspace(workspace).iterateResults(short)) {
    found('repository', repository);
    for await (const branch of client.listBranchesByRepository(repository.slug, workspace).iterateResults(short)) {
      if (branch.name === repository.mainbranch?.name) found('main_branch', branch);
    }
  }
  await client.listWorkspaces().getPage().then(() => {}, (problem) => found('refusal', problem.message));
}

main().catch((problem) => {
  console.error(problem);
  process.exit(1);
});
