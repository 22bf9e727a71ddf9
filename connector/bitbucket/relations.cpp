#include "connector/bitbucket/relations.hpp"

#include "connector/bitbucket/naming.hpp"
#include "connector/bitbucket/streams.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

using storage::RelatedQuery;
using By = RelatedQuery::By;
using Texts = std::vector<std::string>;

std::string account_of(const JsonText* account) {
  if (account == nullptr) return {};
  return first_of(
      {text_at(*account, "uuid"), text_at(*account, "account_id"), text_at(*account, "username")});
}

/// "{repo}" of "{repo}/12/approval".
std::string first_part(const std::string& id) {
  return id.substr(0, id.find('/'));
}
std::string behind_first(const std::string& id) {
  const std::size_t slash = id.find('/');
  return slash == std::string::npos ? std::string() : id.substr(slash + 1);
}
/// "{repo}/12" of "{repo}/12/approval".
std::string first_two(const std::string& id) {
  const std::size_t slash = id.find('/');
  return slash == std::string::npos ? std::string() : id.substr(0, id.find('/', slash + 1));
}

/// What stands behind one of these words: "dev" of "{repo}/group/dev".
std::string behind(const std::string& id, std::string_view word) {
  const std::string mark = fmt::format("/{}/", word);
  const std::size_t at = id.find(mark);
  return at == std::string::npos ? std::string() : id.substr(at + mark.size());
}

Texts one(std::string text) {
  return text.empty() ? Texts{} : Texts{std::move(text)};
}

/// Within the repository of the subject, whose uuid its own id begins with.
Texts in_repository(const Subject& subject, const std::string& own) {
  const std::string& id = subject.artifact.upstream_id;
  const std::string repository = subject.artifact.kind == "repository" ? id : first_part(id);
  return own.empty() ? Texts{} : one(joined(repository, own));
}

Texts in_workspace(const Subject& subject, const std::string& own) {
  if (subject.workspace_uuid.empty() || own.empty()) return {};
  return one(joined(subject.workspace_uuid, own));
}

// What ids, or beginnings of ids, a subject tells of.

Texts own_repository(const Subject& s) {
  return one(first_part(s.artifact.upstream_id));
}
Texts own_pull_request(const Subject& s) {
  return one(first_two(s.artifact.upstream_id));
}
Texts own_id(const Subject& s) {
  return one(s.artifact.upstream_id);
}
Texts under_own_id(const Subject& s) {
  return one(s.artifact.upstream_id + "/");
}
Texts own_partition(const Subject& s) {
  return one(s.partition);
}
Texts own_workspace(const Subject& s) {
  return one(s.workspace_uuid);
}
Texts author(const Subject& s) {
  return in_workspace(s, account_of(s.content.find("author")));
}
Texts closer(const Subject& s) {
  return in_workspace(s, account_of(s.content.find("closed_by")));
}
Texts holder(const Subject& s) {
  return in_workspace(s, account_of(s.content.find("user")));
}
Texts holding_group(const Subject& s) {
  return in_workspace(s, behind(s.artifact.upstream_id, "group"));
}
Texts accounts_in(const Subject& s, std::string_view list, std::string_view member) {
  Texts ids;
  const JsonText* items = s.content.find(list);
  if (items == nullptr || !items->is_array()) return ids;
  for (const JsonText& item : items->items) {
    const JsonText* account = member.empty() ? &item : item.find(member);
    std::ranges::move(in_workspace(s, account_of(account)), std::back_inserter(ids));
  }
  return ids;
}
Texts participants(const Subject& s) {
  return accounts_in(s, "participants", "user");
}
Texts members(const Subject& s) {
  return accounts_in(s, "members", "");
}
Texts merge_commit(const Subject& s) {
  return in_repository(s, text_at(s.content, "merge_commit", "hash"));
}
Texts head_commit(const Subject& s) {
  return in_repository(s, text_at(s.content, "source", "commit", "hash"));
}
Texts built_commit(const Subject& s) {
  return in_repository(s, text_at(s.content, "target", "commit", "hash"));
}
Texts judged_commit(const Subject& s) {
  return in_repository(s, text_at(s.content, "commit", "hash"));
}
Texts released_commit(const Subject& s) {
  return in_repository(s, text_at(s.content, "release", "commit", "hash"));
}
Texts parent_commits(const Subject& s) {
  Texts ids;
  const JsonText* parents = s.content.find("parents");
  if (parents == nullptr || !parents->is_array()) return ids;
  for (const JsonText& parent : parents->items) {
    std::ranges::move(in_repository(s, text_at(parent, "hash")), std::back_inserter(ids));
  }
  return ids;
}
Texts deploying_pipeline(const Subject& s) {
  return in_repository(s, text_at(s.content, "release", "pipeline", "uuid"));
}
Texts environment(const Subject& s) {
  return one(text_at(s.content, "environment", "uuid"));
}
Texts of_account(const Subject& s) {
  const std::string account = behind_first(s.artifact.upstream_id);
  return account.empty() ? Texts{} : one("/" + account);
}
Texts of_user(const Subject& s) {
  const std::string account = behind_first(s.artifact.upstream_id);
  return account.empty() ? Texts{} : one("/user/" + account);
}
Texts of_reviewer(const Subject& s) {
  const std::string account = behind_first(s.artifact.upstream_id);
  if (account.empty()) return {};
  return {"/repository/" + account, "/project/" + account, "/" + account};
}
Texts of_group(const Subject& s) {
  const std::string slug = behind_first(s.artifact.upstream_id);
  return slug.empty() ? Texts{} : one("/group/" + slug);
}
Texts mention_of_account(const Subject& s) {
  const std::string account = behind_first(s.artifact.upstream_id);
  return account.empty() ? Texts{} : one(json_string(account));
}
Texts no_ids(const Subject& /*subject*/) {
  return {};
}

/// One row: artifacts of kind `of` are related to those of `kind`.
struct Row {
  std::string_view of;
  std::string_view name;
  std::string_view kind;
  By by;
  Texts (*ids)(const Subject&);
  std::string_view within = {};   ///< By::place, and lists: "workspace", "project" or "repository"
  std::string_view parents = {};  ///< By::parents
  bool searched = false;          ///< a search for the first id lists exactly these
};

constexpr Row rows[] = {
    {"project", "workspace", "workspace", By::id, own_workspace},
    {"project", "repository", "repository", By::place, no_ids, "project"},
    {"repository", "workspace", "workspace", By::id, own_workspace},
    {"repository", "project", "project", By::place, no_ids, "project"},
    {"repository", "repository_access", "repository_access", By::id_prefix, under_own_id,
     "repository"},
    {"pull_request", "repository", "repository", By::id, own_repository},
    {"pull_request", "author", "workspace_member", By::id, author},
    {"pull_request", "closed_by", "workspace_member", By::id, closer},
    {"pull_request", "participant", "workspace_member", By::id, participants},
    {"pull_request", "merge_commit", "commit", By::id_prefix, merge_commit},
    {"pull_request", "build_status", "build_status", By::id_prefix, head_commit, "repository", "",
     true},
    {"pull_request", "merge_check", "merge_check", By::id, own_id},
    {"pull_request", "activity", "pull_request_activity", By::id_prefix, under_own_id, "repository",
     "", true},
    {"pull_request_activity", "pull_request", "pull_request", By::id, own_pull_request},
    {"merge_check", "pull_request", "pull_request", By::id, own_id},
    {"commit", "parent", "commit", By::id_prefix, parent_commits},
    {"commit", "build_status", "build_status", By::id_prefix, under_own_id, "repository", "", true},
    {"build_status", "commit", "commit", By::id_prefix, judged_commit},
    {"pipeline", "commit", "commit", By::id_prefix, built_commit},
    {"deployment", "pipeline", "pipeline", By::id, deploying_pipeline},
    {"deployment", "environment", "environment", By::id, environment},
    {"deployment", "commit", "commit", By::id_prefix, released_commit},
    {"workspace_member", "group", "group", By::mention, mention_of_account, "workspace"},
    {"workspace_member", "repository_access", "repository_access", By::parents, of_account,
     "workspace", "repository", true},
    {"workspace_member", "repository_grant", "repository_grant", By::parents, of_user, "workspace",
     "repository", true},
    {"workspace_member", "project_grant", "project_grant", By::parents, of_user, "workspace",
     "project", true},
    {"workspace_member", "default_reviewer", "default_reviewer", By::parents, of_reviewer,
     "workspace", "repository"},
    {"group", "member", "workspace_member", By::id, members},
    {"group", "repository_grant", "repository_grant", By::parents, of_group, "workspace",
     "repository"},
    {"group", "project_grant", "project_grant", By::parents, of_group, "workspace", "project"},
    {"repository_grant", "holder", "workspace_member", By::id, holder},
    {"repository_grant", "holder", "group", By::id, holding_group},
    {"project_grant", "holder", "workspace_member", By::id, holder},
    {"project_grant", "holder", "group", By::id, holding_group},
    {"repository_access", "repository", "repository", By::id, own_repository},
    {"repository_access", "holder", "workspace_member", By::id, holder},
    {"default_reviewer", "reviewer", "workspace_member", By::id, holder},
    {"project_default_reviewer", "reviewer", "workspace_member", By::id, holder},
};

/// Places the query where the subject is, as far as `within` says; the same for the list.
void place(const Subject& subject, std::string_view within, Relation& relation) {
  const storage::Artifact& artifact = subject.artifact;
  RelatedQuery& query = relation.query;
  query.workspace = artifact.workspace;
  if (within == "project") query.project = artifact.project;
  if (within == "repository") query.repository = artifact.repository;
}

Relation::List list_of(const RelatedQuery& query, const std::string& search) {
  Relation::List list = {{"kind", query.kind}, {"source", query.source_id}};
  const auto add = [&list](std::string_view name, const std::string& value) {
    if (!value.empty()) list.emplace_back(name, value);
  };
  add("repository", query.repository);
  if (query.repository.empty()) {
    add("project", query.project);
    add("workspace", query.workspace);
  }
  add("q", search);
  return list;
}

/// Whether what it lacks would make it ask for more than it means.
bool is_vague(const Subject& subject, const Row& row) {
  if (row.by != By::place) return false;
  return row.within == "project" && subject.artifact.project.empty();
}

Relation relation_of(const Subject& subject, const Row& row) {
  Relation relation{.name = row.name, .query = {}};
  relation.query.by = row.by;
  relation.query.source_id = subject.artifact.source_id;
  relation.query.kind = row.kind;
  relation.query.ids = row.ids(subject);
  relation.query.parents = row.parents;
  place(subject, row.within, relation);
  if (row.by == By::place) relation.list = list_of(relation.query, "");
  if (row.searched && !relation.query.ids.empty()) {
    relation.list = list_of(relation.query, relation.query.ids.front());
  }
  // A repository's whole access is one list.
  if (row.ids == under_own_id && row.of == "repository") {
    relation.list = list_of(relation.query, "");
  }
  return relation;
}

/// What an artifact was listed under, where its kind has one parent.
void add_parent(const Subject& subject, std::vector<Relation>& relations) {
  const std::string& kind = subject.artifact.kind;
  for (const Stream& stream : streams()) {
    if (stream.kind != kind || stream.parent == Parent::none) continue;
    const std::string_view parent = parent_kind(stream.parent);
    const bool told = std::ranges::any_of(
        relations, [&](const Relation& relation) { return relation.name == parent; });
    if (told) continue;
    Relation relation{.name = parent, .query = {}};
    relation.query.by = By::id;
    relation.query.source_id = subject.artifact.source_id;
    relation.query.kind = parent;
    relation.query.ids = own_partition(subject);
    relations.push_back(std::move(relation));
  }
}

/// What was listed under an artifact: a workspace, a project or a repository.
void add_children(const Subject& subject, std::vector<Relation>& relations) {
  const Parent parent = opens(subject.artifact.kind);
  if (parent == Parent::none) return;
  for (const Stream& stream : streams()) {
    if (stream.parent != parent) continue;
    const bool told = std::ranges::any_of(
        relations, [&](const Relation& relation) { return relation.query.kind == stream.kind; });
    if (told) continue;
    Relation relation{.name = stream.kind, .query = {}};
    relation.query.by = By::partition;
    relation.query.source_id = subject.artifact.source_id;
    relation.query.kind = stream.kind;
    relation.query.stream = stream.name;
    relation.query.ids = own_id(subject);
    place(subject, parent_kind(parent), relation);
    // Of a kind that hangs on several parents a list shows those of the smaller ones, too.
    const auto elsewhere = [&](const Stream& other) {
      return other.kind == stream.kind && other.parent != parent;
    };
    const bool only_here =
        parent == Parent::repository || std::ranges::none_of(streams(), elsewhere);
    if (only_here) relation.list = list_of(relation.query, "");
    relations.push_back(std::move(relation));
  }
}

}  // namespace

std::vector<Relation> relations_of(const Subject& subject) {
  std::vector<Relation> relations;
  for (const Row& row : rows) {
    const bool fits = row.of == subject.artifact.kind && !is_vague(subject, row);
    if (fits) relations.push_back(relation_of(subject, row));
  }
  add_parent(subject, relations);
  add_children(subject, relations);
  std::erase_if(relations, [](const Relation& relation) {
    return relation.query.by != By::place && relation.query.ids.empty();
  });
  return relations;
}

}  // namespace evidenced::connector::bitbucket
