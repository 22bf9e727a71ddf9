#include "connector/bitbucket/identity.hpp"

#include "config/utf8.hpp"

#include <fmt/format.h>

#include <initializer_list>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::size_t longest_id = 200;
constexpr std::size_t longest_name = 1000;

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

/// One line of at most longest_name bytes, for columns that people and files get to see.
std::string one_line(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    const bool shown = point.valid && !is_unprintable(point.value);
    if (out.size() + point.size > longest_name) break;
    if (shown) {
      out += text.substr(0, point.size);
    } else {
      out += ' ';
    }
    text.remove_prefix(point.size);
  }
  return out;
}

/// A person, a team, an app: the uuid; else what else stays the same. Names and nicknames change
/// and repeat: they identify nobody. `username` is what old team accounts have.
std::string account_id(const JsonText* account) {
  if (account == nullptr) return {};
  return first_of(
      {text_at(*account, "uuid"), text_at(*account, "account_id"), text_at(*account, "username")});
}

std::string account_name(const JsonText* account) {
  if (account == nullptr) return {};
  return first_of({text_at(*account, "display_name"), text_at(*account, "nickname"),
                   text_at(*account, "name"), account_id(account)});
}

/// A number or a string, as text.
std::string scalar(const JsonText* value) {
  if (value == nullptr) return {};
  return value->type == JsonText::Type::number ? std::string(value->raw) : value->text();
}

std::string joined(std::string parent, const std::string& own) {
  if (own.empty()) return {};
  return parent.empty() ? own : std::move(parent) + "/" + own;
}

std::string workspace_of(const Found& found) {
  return first_of({found.partition.workspace_uuid, text_at(found.object, "workspace", "uuid")});
}

std::string repository_of(const Found& found) {
  return first_of({found.partition.repository_uuid, text_at(found.object, "repository", "uuid"),
                   text_at(found.object, "destination", "repository", "uuid")});
}

std::string own_uuid(const Found& found) {
  return text_at(found.object, "uuid");
}
std::string own_account(const Found& found) {
  return account_id(&found.object);
}

std::string workspace_uuid(const Found& found) {
  return first_of({own_uuid(found), text_at(found.object, "workspace", "uuid")});
}

std::string member_id(const Found& found) {
  return joined(workspace_of(found), account_id(found.object.find("user")));
}

std::string numbered_id(const Found& found) {
  return joined(repository_of(found), scalar(found.object.find("id")));
}

/// The first path lists people, the second groups; a group is known by its slug in its workspace.
std::string grant_id(const Found& found) {
  const bool is_group = found.leg == 1;
  const std::string holder = is_group ? first_of({text_at(found.object, "group", "slug"),
                                                  text_at(found.object, "group", "full_slug")})
                                      : account_id(found.object.find("user"));
  return joined(repository_of(found), joined(is_group ? "group" : "user", holder));
}

std::string account_title(const Found& found) {
  return account_name(&found.object);
}

std::string workspace_title(const Found& found) {
  return first_of({text_at(found.object, "name"), text_at(found.object, "slug"),
                   text_at(found.object, "workspace", "slug")});
}

std::string member_title(const Found& found) {
  return account_name(found.object.find("user"));
}

std::string project_title(const Found& found) {
  return first_of({text_at(found.object, "name"), text_at(found.object, "key")});
}

std::string repository_title(const Found& found) {
  return first_of({text_at(found.object, "full_name"), text_at(found.object, "name"),
                   text_at(found.object, "slug")});
}

std::string pull_request_title(const Found& found) {
  return text_at(found.object, "title");
}

std::string restriction_title(const Found& found) {
  const std::string branches =
      first_of({text_at(found.object, "pattern"), text_at(found.object, "branch_type")});
  return fmt::format("{}{}{}", text_at(found.object, "kind"), branches.empty() ? "" : " ",
                     branches);
}

std::string grant_title(const Found& found) {
  const JsonText* group = found.object.find("group");
  const std::string holder = group != nullptr
                                 ? first_of({text_at(*group, "name"), text_at(*group, "slug")})
                                 : account_name(found.object.find("user"));
  return fmt::format("{} {}", holder, text_at(found.object, "permission"));
}

/// How the objects of one kind are known and called.
struct Naming {
  std::string_view kind;
  std::string (*id)(const Found&);
  std::string (*title)(const Found&);
};
constexpr Naming namings[] = {
    {"account", own_account, account_title},
    {"workspace", workspace_uuid, workspace_title},
    {"workspace_member", member_id, member_title},
    {"project", own_uuid, project_title},
    {"repository", own_uuid, repository_title},
    {"pull_request", numbered_id, pull_request_title},
    {"branch_restriction", numbered_id, restriction_title},
    {"repository_grant", grant_id, grant_title},
};

const Naming& naming_of(std::string_view kind) {
  for (const Naming& naming : namings) {
    if (naming.kind == kind) return naming;
  }
  static constexpr Naming other{"", own_uuid, pull_request_title};
  return other;
}

/// The object that the columns are read from: the repository, where the object is in one.
const JsonText& home_of(const Found& found) {
  if (found.kind == "repository") return found.object;
  for (const JsonText* home :
       {found.object.find("repository"), found.object.at("destination", "repository")}) {
    if (home != nullptr && home->is_object()) return *home;
  }
  return found.object;
}

void locate(const Found& found, storage::ArtifactDraft& draft) {
  const Partition& partition = found.partition;
  const JsonText& home = home_of(found);
  // An object knows best where it is; what only belongs to it does not always say.
  if (found.kind == "workspace") {
    draft.workspace = first_of({text_at(found.object, "slug"), workspace_slug(found.object)});
  } else if (found.kind == "project" || found.kind == "repository") {
    draft.workspace = first_of({workspace_slug(found.object), partition.workspace});
  } else if (found.kind != "account") {
    draft.workspace = first_of({partition.workspace, workspace_slug(home)});
  }
  if (found.kind == "project") {
    draft.project = text_at(found.object, "key");
  } else {
    draft.project = first_of({text_at(home, "project", "key"), partition.project});
  }
  if (found.kind == "repository") {
    draft.repository = repository_name(found.object, draft.workspace);
  } else {
    draft.repository = first_of({partition.repository, repository_name(home, draft.workspace)});
  }
}

}  // namespace

std::string workspace_slug(const JsonText& object) {
  const std::string slug = text_at(object, "workspace", "slug");
  if (!slug.empty()) return slug;
  const std::string full_name = text_at(object, "full_name");
  const std::size_t slash = full_name.find('/');
  return slash == std::string::npos ? std::string() : full_name.substr(0, slash);
}

std::string repository_name(const JsonText& repository, std::string_view workspace) {
  const std::string full_name = text_at(repository, "full_name");
  if (full_name.find('/') != std::string::npos) return full_name;
  const std::string slug = text_at(repository, "slug");
  if (slug.empty() || workspace.empty()) return {};
  return fmt::format("{}/{}", workspace, slug);
}

void identify(const Found& found, storage::ArtifactDraft& draft) {
  const Naming& naming = naming_of(found.kind);
  std::string id = naming.id(found);
  const bool usable = !id.empty() && id.size() <= longest_id && one_line(id) == id;
  if (!usable) {
    const storage::Digest hash = id.empty() ? draft.digest : storage::sha256(id);
    id = joined(found.partition.id, "sha256:" + storage::to_hex(hash));
  }
  draft.upstream_id = std::move(id);
  draft.title = one_line(naming.title(found));
  locate(found, draft);
  for (std::string* column : {&draft.workspace, &draft.project, &draft.repository}) {
    *column = one_line(*column);
  }
}

}  // namespace evidenced::connector::bitbucket
