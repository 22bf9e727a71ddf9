// Goal: bodies that Bitbucket really sent, and Atlassian's own examples, become artifacts without
// losing anything. Method: every body of the shared folder that is of a kind collected, as it is,
// alone and on a page; what is stored is compared with the source by a second reader and a second
// way of scrubbing. Skipped where the folder is missing.
#include "connector/bitbucket/json_text.hpp"
#include "tests/catch.hpp"
#include "tests/connector/bitbucket_bodies.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <iostream>
#include <map>
#include <sstream>

using namespace evidenced;
using namespace evidenced::connector::bitbucket;
using namespace evidenced::connector::bitbucket::testing;
namespace json = boost::json;

namespace {

/// Where the bodies of an endpoint belong, and whether they are pages or single objects.
struct BodyUse {
  std::string_view stream;
  std::size_t leg;
  bool is_page;
};

const std::string repo = "/repositories/{workspace}/{repo_slug}";
const std::map<std::string, BodyUse, std::less<>> uses = [] {
  std::map<std::string, BodyUse, std::less<>> table;
  const auto add = [&table](std::string endpoint, std::string_view stream, std::size_t leg,
                            bool is_page) { table[std::move(endpoint)] = {stream, leg, is_page}; };
  add("GET /user", "account", 0, false);
  add("GET /user/workspaces", "workspace", 0, true);
  add("GET /user/workspaces #item", "workspace", 0, false);
  add("GET /workspaces", "workspace", 0, true);
  add("GET /workspaces/{workspace}", "workspace", 1, false);
  add("GET /workspaces/{workspace}/members", "workspace_member", 0, true);
  add("GET /user/permissions/workspaces", "workspace_member", 0, true);
  add("GET /workspaces/{workspace}/permissions", "workspace_member", 0, true);
  add("GET /workspaces/{workspace}/projects", "project", 0, true);
  add("GET /workspaces/{workspace}/projects/{project_key}", "project", 0, false);
  add("GET /repositories/{workspace}", "repository", 0, true);
  add("GET " + repo, "repository", 0, false);
  add("GET " + repo + " #item", "repository", 0, false);
  add("GET " + repo + "/branch-restrictions", "branch_restriction", 0, true);
  add("GET " + repo + "/permissions-config/users", "repository_grant", 0, true);
  add("GET " + repo + "/permissions-config/groups", "repository_grant", 1, true);
  add("GET /user/permissions/repositories", "repository_access", 0, true);
  add("GET /user/workspaces/{workspace}/permissions/repositories", "repository_access", 0, true);
  add("GET /workspaces/{workspace}/permissions/repositories", "repository_access", 0, true);
  add("GET /workspaces/{workspace}/permissions/repositories/{repo_slug}", "repository_access", 0,
      true);
  add("GET " + repo + "/pullrequests", "pull_request", 0, true);
  add("GET " + repo + "/pullrequests #item", "pull_request", 0, false);
  add("GET " + repo + "/pullrequests/{pull_request_id}", "pull_request", 0, false);
  add("POST " + repo + "/pullrequests", "pull_request", 0, false);
  add("POST " + repo + "/pullrequests/{pull_request_id}/merge", "pull_request", 0, false);
  add("POST " + repo + "/pullrequests/{pull_request_id}/decline", "pull_request", 0, false);
  add("GET " + repo + "/default-reviewers", "default_reviewer", 0, true);
  add("GET " + repo + "/branching-model", "branching_model", 0, false);
  add("GET " + repo + "/refs/branches/{name}", "main_branch", 0, false);
  add("GET " + repo + "/pullrequests/{pull_request_id}/activity", "pull_request_activity", 0, true);
  add("GET " + repo + "/pullrequests/{pull_request_id}/activity #item", "pull_request_activity", 0,
      false);
  add("GET " + repo + "/pipelines", "pipeline", 0, true);
  add("GET " + repo + "/pipelines #item", "pipeline", 0, false);
  add("GET " + repo + "/pipelines/{pipeline_uuid}", "pipeline", 0, false);
  add("GET " + repo + "/deployments #item", "deployment", 0, false);
  add("GET " + repo + "/commits", "commit", 0, true);
  add("GET " + repo + "/commit/{commit}", "commit", 0, false);
  add("GET " + repo + "/pullrequests/{pull_request_id}/commits", "commit", 0, true);
  add("GET " + repo + "/pullrequests/{pull_request_id}/commits #item", "commit", 0, false);
  add("GET " + repo + "/pullrequests/{pull_request_id}/statuses", "build_status", 0, true);
  add("POST " + repo + "/commit/{commit}/statuses/build", "build_status", 0, false);
  add("GET " + repo + "/commit/{commit}/statuses", "build_status", 0, true);
  add("GET " + repo + "/commit/{commit}/statuses/build", "build_status", 0, false);
  add("GET " + repo + "/hooks", "webhook", 0, true);
  add("GET " + repo + "/hooks/{uid}", "webhook", 0, false);
  add("GET /1.0/groups/{workspace} (v1.0)", "group", 0, true);
  return table;
}();

Partition somewhere() {
  Partition partition;
  partition.id = "{r}";
  partition.workspace_uuid = "{w}";
  partition.workspace = "harbour-lane";
  partition.repository_uuid = "{r}";
  partition.repository = "harbour-lane/payments-api";
  return partition;
}

/// A body in the form that its stream takes: single objects of list streams on a page.
std::string as_sent(const BodyUse& use, const std::string& body) {
  const Shape shape = find_stream(use.stream)->shape;
  const bool is_list = shape == Shape::list || (shape == Shape::list_of_objects && use.leg == 0);
  if (use.is_page || !is_list) return body;
  return fmt::format(R"({{"pagelen":10,"values":[{}],"page":1,"size":1}})", body);
}

/// The objects that a body holds.
std::vector<json::value> objects_of(const BodyUse& use, const json::value& body) {
  if (!use.is_page) return {body};
  std::vector<json::value> objects;
  const json::array& entries = body.is_array() ? body.get_array() : body.at("values").as_array();
  for (const json::value& entry : entries) {
    if (entry.is_object()) objects.push_back(entry);
  }
  return objects;
}

/// Kept as something else: what it becomes is looked at apart.
constexpr std::pair<std::string_view, std::string_view> replaced[] = {
    {"webhook", "url"}, {"webhook", "url_sha256"}, {"deploy_key", "key"}};

json::value without_replaced(std::string_view kind, json::value object) {
  for (const auto& [of, member] : replaced) {
    if (of == kind) object.get_object().erase(member);
  }
  return object;
}

/// Of an address the host and a hash are left, of a key the fingerprint.
void check_replaced(std::string_view kind, const json::value& source, const json::value& kept) {
  if (kind == "webhook") {
    const std::string url(source.at("url").as_string());
    const std::size_t path = url.find('/', url.find("//") + 2);
    REQUIRE(kept.at("url").as_string() == url.substr(0, path));
    const bool known = source.as_object().contains("url_sha256");
    REQUIRE(kept.at("url_sha256").as_string().size() == 64);
    if (known) REQUIRE(kept.at("url_sha256") == source.at("url_sha256"));
  }
  if (kind == "deploy_key") {
    REQUIRE(kept.at("key").as_string().starts_with("SHA256:"));
    REQUIRE(kept.at("key").as_string().size() == 50);
  }
}

/// All that is promised of one body. Returns the number of artifacts.
std::size_t check_body(const BodyUse& use, const std::string& body, Dice& dice) {
  const std::string sent = as_sent(use, body);
  const ParsedPage page = parsed(use.stream, sent, somewhere(), use.leg);
  const std::vector<json::value> sources = objects_of(use, meaning(body));
  REQUIRE(page.malformed == 0);
  REQUIRE(page.artifacts.size() == sources.size());
  const ParsedPage again = parsed(use.stream, shuffled(sent, dice), somewhere(), use.leg);
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const storage::ArtifactDraft& draft = page.artifacts[i];
    const json::value kept = meaning(draft.content);
    REQUIRE(without_replaced(draft.kind, kept) ==
            without_replaced(draft.kind, without_secrets(sources[i])));
    check_replaced(draft.kind, sources[i], kept);
    REQUIRE(canonical(*read_json(draft.content)) == draft.content);
    REQUIRE_FALSE(draft.upstream_id.empty());
    REQUIRE(again.artifacts[i].content == draft.content);
    REQUIRE(again.artifacts[i].digest == draft.digest);
    REQUIRE(again.artifacts[i].upstream_id == draft.upstream_id);
    // What was stored, sent again, is stored the same.
    const std::string back = as_sent({use.stream, use.leg, false}, draft.content);
    REQUIRE(parsed(use.stream, back, somewhere(), use.leg).artifacts[0].digest == draft.digest);
  }
  return sources.size();
}

/// The fields of a line of INDEX.tsv.
std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  fields.resize(12);
  return fields;
}

/// "GET /repositories/{workspace}/{repo_slug}/pipelines #item" and the path of a stream, so that
/// they can be compared: "/repositories/{}/{}/pipelines".
std::string bare(std::string_view endpoint) {
  if (endpoint.starts_with("GET ")) endpoint.remove_prefix(4);
  if (endpoint.starts_with("/2.0")) endpoint.remove_prefix(4);
  endpoint = endpoint.substr(0, endpoint.find(' '));
  std::string out;
  for (const char c : endpoint) {
    if (!out.ends_with('{')) {
      out += c;
    } else if (c == '}') {
      out += '}';
    }
  }
  if (out.ends_with('/')) out.pop_back();
  return out;
}

/// Whether a stream of the table asks for an endpoint.
bool is_collected(std::string_view endpoint) {
  const std::string wanted = bare(endpoint);
  return std::ranges::any_of(streams(), [&](const Stream& stream) {
    return std::ranges::any_of(stream.paths, [&](auto path) { return bare(path) == wanted; });
  });
}

}  // namespace

TEST_CASE("recorded bodies become artifacts, whole") {
  const auto shared = shared_folder();
  if (!shared) return;
  const auto folder = *shared / "bitbucket" / "recorded";
  std::istringstream index(read_file(folder / "INDEX.tsv"));
  std::map<std::string_view, std::size_t> found;
  Dice dice(1);
  for (std::string line; std::getline(index, line);) {
    const std::vector<std::string> fields = fields_of(line);
    const auto use = uses.find(fields[1]);
    const std::string& status = fields[7];
    // A part of an object ("#participants") is no body of its endpoint.
    const bool answered = status.empty() || status[0] == '2';
    const bool whole = fields[1].find('#') == std::string::npos || fields[1].ends_with("#item");
    CAPTURE(fields[1]);
    if (!answered) continue;
    if (fields[1].starts_with("GET ") && whole && is_collected(fields[1])) {
      CHECK(use != uses.end());
    }
    if (use == uses.end()) continue;
    CAPTURE(fields[0]);
    const std::string body = read_file(folder / fields[0]);
    BodyUse as = use->second;
    if (body.find('{') == std::string::npos) continue;  // of a hook that was deleted
    // The answer to a POST was recorded under the name of its list.
    if (as.stream == "webhook") as.is_page = body.find("\"values\"") != std::string::npos;
    found[as.stream] += check_body(as, body, dice);
  }
  CHECK(found["account"] >= 3);
  CHECK(found["workspace"] >= 6);
  CHECK(found["workspace_member"] >= 1);
  CHECK(found["project"] >= 12);
  CHECK(found["repository"] >= 26);
  CHECK(found["repository_access"] >= 6);
  CHECK(found["branch_restriction"] >= 8);
  CHECK(found["pull_request"] >= 138);
  CHECK(found["main_branch"] >= 40);
  CHECK(found["branching_model"] >= 1);
  CHECK(found["pull_request_activity"] >= 5);
  CHECK(found["pipeline"] >= 24);
  CHECK(found["deployment"] >= 27);
  CHECK(found["commit"] >= 39);
  CHECK(found["build_status"] >= 4);
  CHECK(found["webhook"] >= 4);
  CHECK(found["group"] >= 1);
  for (const auto& [stream, count] : found) std::cout << stream << ": " << count << " recorded\n";
}

TEST_CASE("Atlassian's examples become artifacts, whole") {
  const auto shared = shared_folder();
  if (!shared) return;
  const std::string_view prefix = "get-repositories-workspace-repo-slug-permissions-config-";
  const std::vector<std::pair<std::string, BodyUse>> examples = {
      {"get-user-workspaces-200", {"workspace", 0, true}},
      {"get-workspaces-200", {"workspace", 0, true}},
      {"get-user-permissions-workspaces-200", {"workspace_member", 0, true}},
      {"get-workspaces-workspace-permissions-200", {"workspace_member", 0, true}},
      {fmt::format("{}users-200", prefix), {"repository_grant", 0, true}},
      {fmt::format("{}users-selected-user-id-200", prefix), {"repository_grant", 0, false}},
      {fmt::format("{}groups-200", prefix), {"repository_grant", 1, true}},
      {fmt::format("{}groups-group-slug-200", prefix), {"repository_grant", 1, false}},
      {"get-user-permissions-repositories-200", {"repository_access", 0, true}},
      {"get-workspaces-workspace-permissions-repositories-200", {"repository_access", 0, true}},
      {"get-pullrequest-activity-desc-approval", {"pull_request_activity", 0, false}},
      {"get-pullrequest-activity-desc-comment", {"pull_request_activity", 0, false}},
      {"get-pullrequest-activity-desc-update", {"pull_request_activity", 0, false}},
      {"get-repositories-workspace-repo-slug-commit-commit-200", {"commit", 0, false}},
      {"get-repositories-workspace-repo-slug-effective-default-reviewers-200",
       {"default_reviewer", 0, true}},
      {"get-workspaces-workspace-projects-project-key-default-reviewers-200",
       {"project_default_reviewer", 0, true}},
      {"get-workspaces-workspace-projects-project-key-permissions-config-users-200",
       {"project_grant", 0, true}},
      {"get-workspaces-workspace-projects-project-key-permissions-config-groups-200",
       {"project_grant", 1, true}},
      {"get-repositories-workspace-repo-slug-branching-model-200", {"branching_model", 0, false}},
      {"get-repositories-workspace-repo-slug-refs-branches-name-200", {"main_branch", 0, false}},
      {"get-repositories-workspace-repo-slug-deploy-keys-200", {"deploy_key", 0, true}},
      {"get-repositories-workspace-repo-slug-deploy-keys-key-id-200", {"deploy_key", 0, false}},
      {"get-workspaces-workspace-projects-project-key-deploy-keys-200",
       {"project_deploy_key", 0, true}},
      {"get-workspaces-workspace-projects-project-key-deploy-keys-key-id-200",
       {"project_deploy_key", 0, true}},
      {"get-workspaces-workspace-permissions-repositories-repo-slug-200",
       {"repository_access", 0, true}},
      {"get-workspaces-workspace-projects-project-key-permissions-config-users-selected-user-id-"
       "200",
       {"project_grant", 0, false}},
      {"get-workspaces-workspace-projects-project-key-permissions-config-groups-group-slug-200",
       {"project_grant", 1, false}},
      {"get-workspaces-workspace-projects-project-key-default-reviewers-selected-user-200",
       {"project_default_reviewer", 0, false}},
  };
  Dice dice(2);
  std::size_t artifacts = 0;
  for (const auto& [name, use] : examples) {
    CAPTURE(name);
    const auto path = *shared / "bitbucket" / "spec-examples" / (name + ".json");
    artifacts += check_body(use, read_file(path), dice);
  }
  CHECK(artifacts == 38);
}

TEST_CASE("every recorded JSON body is read, and means the same to a second reader") {
  const auto shared = shared_folder();
  if (!shared) return;
  std::size_t bodies = 0;
  std::size_t bytes = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(*shared / "bitbucket" / "recorded")) {
    if (entry.path().extension() != ".json" || entry.file_size() == 0) continue;
    CAPTURE(entry.path().string());
    const std::string body = read_file(entry.path());
    const auto value = read_json(body);
    // A few bodies kept the suffix of what was expected instead of what came.
    boost::system::error_code refused;
    json::parse_options options;
    options.max_depth = 64;
    const json::value second = json::parse(body, refused, {}, options);
    REQUIRE(value.has_value() == !refused);
    if (!value) continue;
    REQUIRE(meaning(canonical(*value)) == second);
    ++bodies;
    bytes += body.size();
  }
  CHECK(bodies > 600);
  std::cout << bodies << " bodies, " << bytes << " bytes read\n";
}
