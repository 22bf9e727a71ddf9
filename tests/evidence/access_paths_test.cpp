// Goal: the ways to a permission are all that grants, groups and offices give, and an explanation
// is claimed only where they lead to what holds. Method: books of a few grants by hand.
#include "evidence/access_paths.hpp"

#include "tests/catch.hpp"

using namespace evidenced::evidence;

namespace {

AccessRepository checkout() {
  AccessRepository repository;
  repository.uuid = "{checkout}";
  repository.project_uuid = "{shop}";
  repository.workspace = "works";
  repository.artifact_id = "art_checkout";
  return repository;
}

Grant to_person(const std::string& where, const std::string& who, Permission permission) {
  return {.where = where, .holder = who, .permission = permission, .artifact_id = "art_" + who};
}

Grant to_group(const std::string& where, const std::string& slug, Permission permission) {
  Grant grant = to_person(where, slug, permission);
  grant.to_group = true;
  return grant;
}

Grant on_project(Grant grant) {
  grant.on_project = true;
  return grant;
}

std::vector<Via> vias(const std::vector<AccessPath>& paths) {
  std::vector<Via> found;
  for (const AccessPath& path : paths) found.push_back(path.via);
  return found;
}

}  // namespace

TEST_CASE("a member of a group in a project has what both give, the highest first") {
  GrantBook book;
  book.add(to_person("{checkout}", "{ada}", Permission::read));
  book.add(on_project(to_group("{shop}", "leads", Permission::admin)));
  book.add(to_group("{checkout}", "developers", Permission::write));
  book.add(Group{"works", "developers", "Developers", "art_developers", {"{ada}", "{bo}"}});
  book.add(Group{"works", "leads", "Leads", "art_leads", {"{ada}"}});
  const auto ada = book.paths(checkout(), "{ada}");
  CHECK(vias(ada) == std::vector{Via::project_group, Via::group, Via::direct});
  CHECK(ada.front().permission == Permission::admin);
  REQUIRE(ada.front().group != nullptr);
  CHECK(ada.front().group->name == "Leads");
  CHECK(explain(Permission::admin, ada, false).explained);
  const auto bo = book.paths(checkout(), "{bo}");
  CHECK(vias(bo) == std::vector{Via::group});
  CHECK(book.paths(checkout(), "{cy}").empty());
}

TEST_CASE("who administrates a workspace, or owns a repository, needs no grant") {
  GrantBook book;
  book.add(WorkspaceOwner{"works", "{ada}", "art_membership", {}});
  book.add(WorkspaceOwner{"elsewhere", "{bo}", "art_other", {}});
  const auto ada = book.paths(checkout(), "{ada}");
  REQUIRE(vias(ada) == std::vector{Via::workspace});
  CHECK(ada.front().permission == Permission::admin);
  CHECK(ada.front().artifact_id == "art_membership");
  CHECK(book.paths(checkout(), "{bo}").empty());
  AccessRepository own = checkout();
  own.owner = "{bo}";
  CHECK(vias(book.paths(own, "{bo}")) == std::vector{Via::owner});
  CHECK(book.paths(own, "").empty());
}

TEST_CASE("a group of the same name in another workspace gives nothing") {
  GrantBook book;
  book.add(to_group("{checkout}", "developers", Permission::write));
  book.add(Group{"elsewhere", "developers", "Developers", "art_other", {"{ada}"}});
  CHECK(book.paths(checkout(), "{ada}").empty());
  CHECK(book.has_closed_group(checkout()));
}

TEST_CASE("grants elsewhere, and grants of nothing, are no ways") {
  GrantBook book;
  book.add(to_person("{other}", "{ada}", Permission::admin));
  book.add(on_project(to_person("{other project}", "{ada}", Permission::admin)));
  book.add(to_person("{checkout}", "{ada}", Permission::none));
  CHECK(book.paths(checkout(), "{ada}").empty());
  AccessRepository without_project = checkout();
  without_project.project_uuid.clear();
  book.add(on_project(to_person("{shop}", "{bo}", Permission::read)));
  CHECK(book.paths(without_project, "{bo}").empty());
  CHECK(vias(book.paths(checkout(), "{bo}")) == std::vector{Via::project});
}

TEST_CASE("an explanation is claimed only where the ways lead to what holds") {
  GrantBook book;
  book.add(to_person("{checkout}", "{ada}", Permission::write));
  const auto paths = book.paths(checkout(), "{ada}");
  CHECK(explain(Permission::write, paths, false).explained);
  CHECK(explain(Permission::write, paths, false).reason.empty());
  const Explanation stale = explain(Permission::read, paths, false);
  CHECK_FALSE(stale.explained);
  CHECK(stale.reason.contains("another time"));
  CHECK(explain(Permission::admin, paths, false).reason.contains("No grant"));
  CHECK(explain(Permission::admin, paths, true).reason.contains("group"));
  CHECK_FALSE(explain(std::nullopt, paths, false).explained);
  CHECK(explain(Permission::none, {}, false).explained);
}
