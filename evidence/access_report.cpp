#include "evidence/access_report.hpp"

#include "evidence/content.hpp"
#include "storage/access_store.hpp"
#include "storage/collection_store.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <utility>

namespace evidenced::evidence {

namespace {

constexpr std::string_view access_kind = "repository_access";
constexpr std::string_view access_stream = "repository_access";
constexpr std::string_view one_access_stream = "one_repository_access";

/// Members read at most: more than any workspace has.
constexpr int most_members = 100'000;

/// So many repositories are read one by one, rather than all rows there are.
constexpr std::size_t few_enough = 16;

/// A title that may have been cut off says nothing of the permission behind the name.
constexpr std::size_t whole_title = 900;

storage::ArtifactFilter filter_of(const AccessQuestion& question, std::string_view kind) {
  storage::ArtifactFilter filter;
  filter.kinds = {std::string(kind)};
  filter.source_ids = question.source_ids;
  filter.window = question.window;
  return filter;
}

AccessRepository repository_from(const storage::ArtifactView& artifact) {
  const boost::json::value content = read_content(artifact.content);
  AccessRepository repository;
  repository.uuid = artifact.upstream_id;
  repository.artifact_id = artifact.id;
  repository.repository = artifact.repository;
  repository.workspace = artifact.workspace;
  repository.workspace_uuid = text_at(content, {"workspace", "uuid"});
  repository.project = artifact.project;
  repository.project_uuid = text_at(content, {"project", "uuid"});
  repository.name = text_at(content, {"name"});
  if (repository.name.empty()) repository.name = artifact.title;
  // Whoever has created a repository is called its owner, too, and has no right of that. The
  // workspace of one person has that person's uuid.
  const std::string owner = account_at(content, {"owner"}).id;
  if (owner == repository.workspace_uuid) repository.owner = owner;
  repository.first_observed_at = artifact.first_observed_at;
  return repository;
}

/// The highest of what one may be in a workspace comes first.
constexpr std::array<std::string_view, 4> workspace_permissions = {"owner", "create-project",
                                                                   "member", "collaborator"};

bool is_higher(std::string_view a, std::string_view b) {
  return std::ranges::find(workspace_permissions, a) < std::ranges::find(workspace_permissions, b);
}

class AccessReader {
 public:
  AccessReader(storage::Connection& connection, const storage::TenantScope& tenant,
               const AccessQuestion& question)
      : connection_(connection), tenant_(tenant), question_(question) {}

  AccessReport read() {
    if (question_.source_ids.empty()) return std::move(report_);
    std::vector<AccessRepository> repositories = read_repositories(connection_, tenant_, question_);
    report_.more_repositories = repositories.size() > question_.most_repositories;
    if (report_.more_repositories) repositories.resize(question_.most_repositories);
    if (question_.window.open()) {
      for (const std::string& source : question_.source_ids) find_known(source, repositories);
    }
    report_.matrix = AccessMatrix(std::move(repositories));
    read_members();
    const bool few = !question_.repositories.empty() && question_.repositories.size() <= few_enough;
    if (few || !question_.window.open()) {
      read_artifacts();
    } else {
      for (const std::string& source : question_.source_ids) read_rows(source);
      for (const std::int64_t num : unclear_) {
        add_content(storage::content_of(connection_, num), num);
      }
    }
    return std::move(report_);
  }

 private:
  void find_known(const std::string& source, std::vector<AccessRepository>& repositories);
  void read_members();
  void read_rows(const std::string& source);
  void read_artifacts();
  void add_content(std::string_view content, std::int64_t num);
  void note(Timestamp read_at) {
    report_.observed_at = std::min(report_.observed_at.value_or(read_at), read_at);
  }

  storage::Connection& connection_;
  const storage::TenantScope& tenant_;
  const AccessQuestion& question_;
  AccessReport report_;
  std::vector<std::int64_t> unclear_;  // rows whose content has to be looked at
};

/// Walks that were completed and did not fail since, by the uuid of their partition.
std::unordered_map<std::string, Timestamp> complete_walks(storage::Connection& connection,
                                                          const std::string& source,
                                                          std::string_view stream) {
  std::unordered_map<std::string, Timestamp> walks;
  for (const auto& [key, checkpoint] :
       storage::list_checkpoints(connection, source, std::string(stream))) {
    if (checkpoint.complete_at && !checkpoint.error) {
      walks.emplace(key.partition, *checkpoint.complete_at);
    }
  }
  return walks;
}

void AccessReader::find_known(const std::string& source,
                              std::vector<AccessRepository>& repositories) {
  const auto of_workspaces = complete_walks(connection_, source, access_stream);
  const auto of_repositories = complete_walks(connection_, source, one_access_stream);
  for (AccessRepository& repository : repositories) {
    const auto whole = of_workspaces.find(repository.workspace_uuid);
    const bool listed =
        whole != of_workspaces.end() && repository.first_observed_at <= whole->second;
    const auto own = of_repositories.find(repository.uuid);
    if (listed) note(whole->second);
    if (!listed && own != of_repositories.end()) note(own->second);
    repository.known = repository.known || listed || own != of_repositories.end();
  }
}

void AccessReader::read_members() {
  storage::ArtifactFilter filter = filter_of(question_, "workspace_member");
  filter.workspaces = question_.workspaces;
  const bool narrowed = !question_.projects.empty() || !question_.repositories.empty();
  if (narrowed) {
    std::set<std::string> shown;
    for (const auto& repository : report_.matrix.repositories()) shown.insert(repository.workspace);
    if (shown.empty()) return;
    filter.workspaces.assign(shown.begin(), shown.end());
  }
  filter.limit = most_members;
  storage::visit_artifacts(
      connection_, tenant_, filter, [&](const storage::ArtifactView& artifact) {
        const boost::json::value content = read_content(artifact.content);
        Account account = account_at(content, {"user"});
        if (account.id.empty()) return;
        AccessPerson& person = report_.matrix.person(report_.matrix.person_place(account.id));
        const std::string permission = text_at(content, {"permission"});
        const bool higher =
            person.artifact_id.empty() || is_higher(permission, person.workspace_permission);
        if (!higher) return;
        person.account_id = std::move(account.account_id);
        person.name = std::move(account.name);
        person.nickname = std::move(account.nickname);
        person.artifact_id = artifact.id;
        person.workspace_permission = permission;
      });
}

/// Reads a million rows: what a row says stands in its id and its title, and the repositories come
/// one after the other.
void AccessReader::read_rows(const std::string& source) {
  AccessMatrix& matrix = report_.matrix;
  std::string last_uuid;
  std::optional<std::size_t> repository;
  storage::visit_access(connection_, tenant_, source, [&](const storage::AccessRow& row) {
    const std::size_t slash = row.upstream_id.find('/');
    const std::string_view uuid = row.upstream_id.substr(0, slash);
    const std::string_view who =
        slash == std::string_view::npos ? std::string_view() : row.upstream_id.substr(slash + 1);
    const std::size_t blank = row.title.rfind(' ');
    if (who.empty() || who.starts_with("sha256:")) return unclear_.push_back(row.num);
    if (uuid != last_uuid) {
      last_uuid = uuid;
      repository = matrix.repository_place(uuid);
    }
    if (!repository) return;
    const auto permission = blank == std::string_view::npos || row.title.size() > whole_title
                                ? std::nullopt
                                : permission_of(row.title.substr(blank + 1));
    if (!permission) return unclear_.push_back(row.num);
    const std::size_t place = matrix.person_place(who);
    AccessPerson& person = matrix.person(place);
    if (person.name.empty()) {
      person.name = row.title.substr(0, blank);
      person.sample = row.num;
    }
    matrix.raise(place, *repository, *permission);
  });
}

void AccessReader::read_artifacts() {
  storage::ArtifactFilter filter = filter_of(question_, access_kind);
  filter.workspaces = question_.workspaces;
  filter.repositories = question_.repositories;
  filter.limit = std::numeric_limits<int>::max();
  storage::visit_artifacts(
      connection_, tenant_, filter,
      [&](const storage::ArtifactView& artifact) { add_content(artifact.content, 0); });
}

void AccessReader::add_content(std::string_view text, std::int64_t num) {
  const boost::json::value content = read_content(text);
  const auto repository = report_.matrix.repository_place(text_at(content, {"repository", "uuid"}));
  const auto permission = permission_of(text_at(content, {"permission"}));
  if (!repository || !permission) return;
  Account account = account_at(content, {"user"});
  const bool named = !account.id.empty();
  const std::size_t place =
      report_.matrix.person_place(named ? std::string_view(account.id) : unknown_account);
  AccessPerson& person = report_.matrix.person(place);
  if (person.name.empty() && named) {
    person.account_id = std::move(account.account_id);
    person.name = std::move(account.name);
    person.nickname = std::move(account.nickname);
    person.sample = num;
  }
  report_.matrix.raise(place, *repository, *permission);
}

}  // namespace

std::vector<AccessRepository> read_repositories(storage::Connection& connection,
                                                const storage::TenantScope& tenant,
                                                const AccessQuestion& question) {
  std::vector<AccessRepository> repositories;
  if (question.source_ids.empty()) return repositories;
  storage::ArtifactFilter filter = filter_of(question, "repository");
  filter.workspaces = question.workspaces;
  filter.projects = question.projects;
  filter.repositories = question.repositories;
  // Each source has its own artifact of a repository.
  filter.limit = static_cast<int>((question.most_repositories + 1) * question.source_ids.size());
  std::set<std::string, std::less<>> seen;
  storage::visit_artifacts(connection, tenant, filter, [&](const storage::ArtifactView& artifact) {
    if (!seen.emplace(artifact.upstream_id).second) return;
    repositories.push_back(repository_from(artifact));
  });
  std::ranges::sort(repositories, {}, &AccessRepository::repository);
  return repositories;
}

AccessReport read_access(storage::Connection& connection, const storage::TenantScope& tenant,
                         const AccessQuestion& question) {
  return AccessReader(connection, tenant, question).read();
}

void tell_more(storage::Connection& connection, AccessPerson& person) {
  if (person.sample == 0 || !person.account_id.empty()) return;
  const boost::json::value content = read_content(storage::content_of(connection, person.sample));
  const Account account = account_at(content, {"user"});
  person.account_id = account.account_id;
  person.nickname = account.nickname;
}

}  // namespace evidenced::evidence
