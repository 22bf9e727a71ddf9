// list_with_bitbucket.js URL EMAIL TOKEN: what evidenced collects, as far as the npm package `bitbucket` can list it.
// Prints NDJSON {"kind", "json"}; certificates are trusted through NODE_EXTRA_CA_CERTS.
const { Bitbucket } = require('bitbucket');

const [url, username, password] = process.argv.slice(2);
const bitbucket = new Bitbucket({ baseUrl: `${url}/2.0`, auth: { username, password }, notice: false });
const pagelen = 30;

const states = ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED'];
const fields = '+values.participants,+values.reviewers,+values.merge_commit.date,-values.rendered,-values.summary.html';

// Kind, what is asked, and with what beside the parent's names. `get` answers one object.
const ofWorkspace = [
  ['workspace', 'get', bitbucket.workspaces.getWorkspace],
  ['workspace_member', 'list', bitbucket.workspaces.listPermissions],
  ['repository_access', 'list', bitbucket.workspaces.listPermissionsForRepositories],
  ['webhook', 'list', bitbucket.workspaces.getWebhooksForWorkspace],
  ['pipeline_variable', 'list', bitbucket.workspaces.getPipelineVariablesForWorkspace],
];
const ofProject = [
  ['project_grant', 'list', bitbucket.projects.listUserPermissions],
  ['project_grant', 'list', bitbucket.projects.listGroupPermissions],
  ['project_default_reviewer', 'list', bitbucket.projects.listDefaultReviewers],
  ['deploy_key', 'list', bitbucket.deployments.listProjectDeployKeys],
];
const ofRepository = [
  ['repository_grant', 'list', bitbucket.repositories.listUserPermissions],
  ['repository_grant', 'list', bitbucket.repositories.listGroupPermissions],
  ['branch_restriction', 'list', bitbucket.branchrestrictions.list],
  ...states.map((state) => ['pull_request', 'list', bitbucket.pullrequests.list, { state, fields }]),
  ['pull_request_activity', 'list', bitbucket.pullrequests.listActivitiesForRepo],
  ['branching_model', 'get', bitbucket.repositories.getEffectiveBranchingModel],
  ['default_reviewer', 'list', bitbucket.repositories.listEffectiveDefaultReviewers],
  ['deploy_key', 'list', bitbucket.repositories.listDeployKeys],
  ['webhook', 'list', bitbucket.webhooks.listForRepo],
  ['pipeline', 'list', bitbucket.pipelines.list],
  ['pipeline_config', 'get', bitbucket.pipelines.getConfig],
  ['pipeline_variable', 'list', bitbucket.pipelines.listVariablesForRepo],
  ['pipeline_schedule', 'list', bitbucket.pipelines.listSchedules],
  ['environment', 'list', bitbucket.deployments.listEnvironments],
  ['deployment', 'list', bitbucket.deployments.list],
];
const ofMainBranch = [
  ['main_branch', 'get', bitbucket.refs.getBranch],
  ['commit', 'list', bitbucket.commits.listAt],
];

const found = (kind, json) => console.log(JSON.stringify({ kind, json }));

async function* pages(first) {
  for (let { data } = await first; ; ({ data } = await bitbucket.getNextPage(data))) {
    yield* data.values;
    if (!bitbucket.hasNextPage(data)) return;
  }
}

// What is not there is none: pipelines that were never enabled, the branch of an empty repository.
async function one(call) {
  try {
    return (await call).data;
  } catch (problem) {
    if (problem.status === 404) return undefined;
    throw problem;
  }
}

async function ask(table, names) {
  for (const [kind, form, call, more] of table) {
    if (form === 'list') {
      for await (const json of pages(call({ pagelen, ...names, ...more }))) found(kind, json);
    } else {
      const json = await one(call({ ...names, ...more }));
      if (json) found(kind, json);
    }
  }
}

async function main() {
  found('account', (await bitbucket.user.get({})).data);
  for await (const { workspace: { slug: workspace } } of pages(bitbucket.request('/user/workspaces'))) {
    await ask(ofWorkspace, { workspace });
    for await (const project of pages(bitbucket.workspaces.getProjects({ workspace, pagelen }))) {
      found('project', project);
      await ask(ofProject, { workspace, project_key: project.key });
    }
    for await (const repository of pages(bitbucket.repositories.list({ workspace, pagelen }))) {
      found('repository', repository);
      const names = { workspace, repo_slug: repository.slug };
      await ask(ofRepository, names);
      const main = repository.mainbranch?.name;
      if (main) await ask(ofMainBranch, { ...names, name: main, revision: main });
    }
  }
}

main().catch((problem) => {
  console.error(problem);
  process.exit(1);
});
