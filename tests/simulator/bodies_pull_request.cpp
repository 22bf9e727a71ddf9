#include "tests/simulator/bodies.hpp"
#include "tests/simulator/history_writer.hpp"

#include <fmt/format.h>

#include <utility>

namespace evidenced::simulator {
namespace {

json::value rendered(std::string_view raw) {
  return {{"type", "rendered"},
          {"raw", raw},
          {"markup", "markdown"},
          {"html", raw.empty() ? std::string() : fmt::format("<p>{}</p>", raw)}};
}

json::value commit(const std::string& path, const std::string& web, std::string_view hash) {
  const std::string shown(hash.substr(0, 12));  // abbreviated on pull requests
  return {{"type", "commit"},
          {"hash", shown},
          {"links",
           {{"self", api_link(path + "/commit/" + shown)},
            {"html", web_link(web + "/commits/" + shown)}}}};
}

Spelling commit_spelling(const PullRequest& pull_request) {
  return pull_request.id % 3 == 0 ? Spelling::offset : Spelling::six;
}

}  // namespace

json::value Bodies::end(const Workspace& workspace, const Repository& repository,
                        const PullRequest& pull_request, bool source) const {
  const std::string path = "repositories/" + workspace.slug + "/" + repository.slug;
  const std::string web = workspace.slug + "/" + repository.slug;
  json::object body;
  json::object branch;
  branch["name"] = source ? pull_request.source_branch : pull_request.destination_branch;
  if (source && pull_request.id % 2 == 0) branch["links"] = json::object();
  body["branch"] = std::move(branch);
  if (source && pull_request.fork_deleted) {
    body["commit"] = nullptr;
    body["repository"] = nullptr;
    return body;
  }
  body["commit"] =
      commit(path, web, source ? pull_request.source_hash : pull_request.destination_hash);
  body["repository"] = repository_short(workspace, repository);
  return body;
}

json::value Bodies::participants(const PullRequest& pull_request) const {
  json::array list;
  for (const Participant& participant : pull_request.participants) {
    json::object body;
    body["type"] = "participant";
    body["user"] = account(participant.person);
    body["role"] = participant.reviewer ? "REVIEWER" : "PARTICIPANT";
    body["approved"] = participant.state == "approved";
    body["state"] =
        participant.state.empty() ? json::value(nullptr) : json::value(participant.state);
    body["participated_on"] =
        participant.participated_on
            ? json::value(stamp(*participant.participated_on, commit_spelling(pull_request)))
            : json::value(nullptr);
    list.push_back(std::move(body));
  }
  return list;
}

json::value Bodies::reviewers(const PullRequest& pull_request) const {
  json::array list;
  for (const Participant& participant : pull_request.participants) {
    json::value user = participant.reviewer ? account(participant.person) : json::value(nullptr);
    if (!user.is_null()) list.push_back(std::move(user));
  }
  return list;
}

json::value Bodies::merge_commit(const Workspace& workspace, const Repository& repository,
                                 const PullRequest& pull_request) const {
  if (pull_request.merge_hash.empty()) return nullptr;
  json::value body = commit("repositories/" + workspace.slug + "/" + repository.slug,
                            workspace.slug + "/" + repository.slug, pull_request.merge_hash);
  json::object& object = body.get_object();
  // Commits have no fraction and keep the offset of whoever made them.
  const Micros whole = pull_request.closed_on - pull_request.closed_on % 1'000'000;
  object["date"] = stamp(whole, commit_spelling(pull_request));
  object["message"] = merge_message(pull_request);
  json::object author{{"type", "author"}, {"raw", "Somebody <somebody@example.com>"}};
  if (pull_request.id % 5 < 2) author["user"] = account(pull_request.author);
  object["author"] = std::move(author);
  return body;
}

const json::value& Bodies::pull_request(const Workspace& workspace, const Repository& repository,
                                        const PullRequest& pull_request) const {
  if (pull_request.cache.epoch == world_.epoch()) return pull_request.cache.body;
  const std::string path = fmt::format("repositories/{}/{}/pullrequests/{}", workspace.slug,
                                       repository.slug, pull_request.id);
  const bool odd = world_.options().odd && pull_request.id % 7 == 3;
  const Spelling how = odd ? Spelling::zulu : Spelling::six;
  json::object body;
  body["comment_count"] = pull_request.comment_count;
  body["task_count"] = pull_request.task_count;
  body["type"] = "pullrequest";
  body["id"] = pull_request.id;
  body["title"] = pull_request.title;
  body["description"] = pull_request.description;
  body["rendered"] = {{"title", rendered(pull_request.title)},
                      {"description", rendered(pull_request.description)}};
  body["state"] = pull_request.state;
  body["draft"] = pull_request.draft;
  body["queued"] = false;
  body["merge_commit"] = merge_commit(workspace, repository, pull_request);
  body["close_source_branch"] = pull_request.close_source_branch;
  body["closed_by"] =
      pull_request.closed_by ? account(*pull_request.closed_by) : json::value(nullptr);
  body["author"] = account(pull_request.author);
  body["reason"] = pull_request.reason;
  body["created_on"] = stamp(pull_request.created_on, how);
  body["updated_on"] = stamp(pull_request.updated_on);
  body["destination"] = end(workspace, repository, pull_request, false);
  body["source"] = end(workspace, repository, pull_request, true);
  body["reviewers"] = reviewers(pull_request);
  body["participants"] = participants(pull_request);
  json::object links;
  links["self"] = api_link(path);
  links["html"] = web_link(
      fmt::format("{}/{}/pull-requests/{}", workspace.slug, repository.slug, pull_request.id));
  for (const char* name : {"commits", "approve", "request-changes", "diff", "diffstat", "comments",
                           "activity", "merge", "decline", "statuses"})
    links[name] = api_link(path + "/" + name);
  body["links"] = std::move(links);
  body["summary"] = rendered(pull_request.description);
  pull_request.cache.body = std::move(body);
  pull_request.cache.epoch = world_.epoch();
  return pull_request.cache.body;
}

}  // namespace evidenced::simulator
