#include "tests/simulator/world.hpp"

#include "tests/simulator/history_builder.hpp"
#include "tests/simulator/setup_builder.hpp"
#include "tests/simulator/world_texts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace evidenced::simulator {
namespace {

constexpr Micros minute = 60'000'000;
constexpr Micros day = 1440 * minute;

/// A stamp with as many decimals as the dice say: most have six, some have none, one or three.
Micros rounded(Micros time, Dice& dice) {
  static const std::vector<Micros> grains{1, 1, 1, 1, 1, 1, 1, 10, 1000, 100'000, 1'000'000};
  const Micros grain = dice.pick(grains);
  return time - time % grain;
}

const std::string& awkward_name(std::size_t number) {
  const auto& names = Texts::awkward();
  return names[number / 2 % names.size()];
}

std::string slug_of(std::string_view name) {
  std::string slug;
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (plain) {
      slug += c;
    } else if (c >= 'A' && c <= 'Z') {
      slug += static_cast<char>(c - 'A' + 'a');
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "x" : slug;
}

bool matches(const std::string& slug, const std::string& uuid, std::string_view wanted) {
  return wanted == uuid ||
         (wanted.size() == slug.size() &&
          std::equal(slug.begin(), slug.end(), wanted.begin(), [](char a, char b) {
            return std::tolower(static_cast<unsigned char>(a)) ==
                   std::tolower(static_cast<unsigned char>(b));
          }));
}

}  // namespace

const std::vector<std::string>& restriction_kinds() {
  static const std::vector<std::string> kinds{"push",
                                              "delete",
                                              "force",
                                              "restrict_merges",
                                              "require_tasks_to_be_completed",
                                              "require_approvals_to_merge",
                                              "require_review_group_approvals_to_merge",
                                              "require_default_reviewer_approvals_to_merge",
                                              "require_no_changes_requested",
                                              "require_passing_builds_to_merge",
                                              "require_commits_behind",
                                              "reset_pullrequest_approvals_on_change",
                                              "smart_reset_pullrequest_approvals",
                                              "reset_pullrequest_changes_requested_on_change",
                                              "require_all_dependencies_merged",
                                              "enforce_merge_checks",
                                              "allow_auto_merge_when_builds_pass",
                                              "require_all_comments_resolved"};
  return kinds;
}

/// Fills a world from its options.
class WorldBuilder {
 public:
  explicit WorldBuilder(World& world) : world_(world), dice_(world.dice_) {}

  void build() {
    const WorldOptions& options = world_.options_;
    const std::size_t people = std::max<std::size_t>(options.people, 1);
    for (std::size_t i = 0; i < people; ++i) world_.people.push_back(person(i));
    for (std::size_t i = 0; i < options.workspaces; ++i) workspace(i);
    if (world_.workspaces.empty()) return;
    for (std::size_t i = 0; i < options.repositories; ++i) repository(i);
    pull_requests();
    world_.last_stamp_ = to_micros(options.now);
  }

 private:
  Micros past(int days) {
    const auto span = static_cast<std::size_t>(days) * static_cast<std::size_t>(day);
    return rounded(to_micros(world_.options_.now) - static_cast<Micros>(dice_.below(span)) - minute,
                   dice_);
  }

  Person person(std::size_t index) {
    Person made = world_.make_person(world_.options_.now);
    if (index == 0 || !world_.options_.odd) return made;
    if (index % 11 == 3) made.type = Person::Type::app_user;
    if (index % 17 == 5) made.erased = true;
    if (index % 13 == 7) {  // a legacy team: username, no account id
      made.type = Person::Type::team;
      made.account_id.clear();
    }
    if (index % 9 == 4) made.nickname.clear();
    if (index % 10 == 9) made.display_name = dice_.pick(Texts::hostile());
    return made;
  }

  void workspace(std::size_t index) {
    auto made = std::make_unique<Workspace>();
    static const std::vector<std::string> names{"Acme Works", "Blue Harbour", "Cedar & Sons"};
    static const std::vector<std::string> slugs{"acme-works", "BlueHarbour", "cedar-sons"};
    made->uuid = "{" + dice_.uuid() + "}";
    made->name = index < 3 ? names[index] : fmt::format("Workspace {}", index);
    made->slug = index < 3 ? slugs[index] : fmt::format("workspace-{}", index);
    made->created_on = past(3000);
    for (std::size_t i = 0; i < world_.people.size(); ++i) {
      const Person& person = world_.people[i];
      if (i != 0 && (person.type != Person::Type::user || person.erased)) continue;
      if (i != 0 && (i + index) % 7 == 6) continue;  // not everybody is everywhere
      static const std::vector<std::string> roles{"member",         "member", "member",
                                                  "create-project", "owner",  "collaborator"};
      made->members.push_back({i, i == 0 ? "owner" : dice_.pick(roles), past(900)});
    }
    groups(*made);
    for (std::size_t i = 0; i < std::max<std::size_t>(world_.options_.projects, 1); ++i)
      made->projects.push_back(project(*made, i));
    world_.workspaces.push_back(std::move(made));
  }

  void groups(Workspace& workspace) {
    static const std::vector<std::string> names{"Administrators", "Developers", "Auditors (ext.)",
                                                "Release managers", "サポート"};
    static const std::vector<std::string> permissions{"admin", "write", "read", "write", "read"};
    for (std::size_t i = 0; i < world_.options_.groups; ++i) {
      Group group;
      group.name = i < names.size() ? names[i] : fmt::format("Group {}", i);
      group.slug = i == 4 ? "support" : slug_of(group.name);
      group.permission = permissions[i % permissions.size()];
      for (const Membership& member : workspace.members) {
        if (dice_.one_in(3)) group.members.push_back(member.person);
      }
      workspace.groups.push_back(std::move(group));
    }
  }

  Project project(const Workspace& workspace, std::size_t index) {
    static const std::vector<std::string> names{"Ledger", "Shared tools", "Платформа"};
    static const std::vector<std::string> keys{"LEDG", "TOOLS", "PLAT"};
    Project made;
    made.uuid = "{" + dice_.uuid() + "}";
    made.key = index < 3 ? keys[index] : fmt::format("P{}", index);
    made.name = index < 3 ? names[index] : fmt::format("Project {}", index);
    if (index % 3 != 2) made.description = index % 3 == 1 ? "" : "What " + made.name + " needs";
    made.created_on = past(2500);
    made.updated_on = made.created_on + static_cast<Micros>(dice_.below(100)) * day;
    made.updated_on = std::min(made.updated_on, to_micros(world_.options_.now) - minute);
    for (std::size_t i = 0; i < workspace.groups.size(); i += 2)
      made.grants.push_back({true, i, i == 0 ? "admin" : "create-repo"});
    return made;
  }

  void repository(std::size_t index) {
    Workspace& workspace = *world_.workspaces[index % world_.workspaces.size()];
    auto made = std::make_unique<Repository>(world_.make_repository(workspace, past(2000)));
    if (index == 1 && world_.options_.odd) made->main_branch.clear();  // an empty repository
    made->updated_on = std::max(made->created_on, past(300));
    grants(workspace, *made);
    if (world_.options_.restrictions > 0) {
      const std::size_t count = dice_.below(2 * world_.options_.restrictions + 1);
      for (std::size_t i = 0; i < count; ++i) {
        const auto& kinds = restriction_kinds();
        world_.restrict(*made, kinds[(index * 5 + i) % kinds.size()]);
      }
    }
    workspace.repositories.push_back(std::move(made));
  }

  void grants(const Workspace& workspace, Repository& repository) {
    static const std::vector<std::string> permissions{"read", "write", "admin", "none"};
    for (std::size_t i = 0; i < workspace.groups.size(); ++i) {
      if (dice_.one_in(2)) repository.grants.push_back({true, i, dice_.pick(permissions)});
    }
    for (const Membership& member : workspace.members) {
      if (dice_.one_in(8))
        repository.grants.push_back({false, member.person, dice_.pick(permissions)});
    }
  }

  void pull_requests() {
    std::vector<Repository*> hosts;
    for (auto& workspace : world_.workspaces) {
      for (auto& repository : workspace->repositories) {
        if (!repository->main_branch.empty()) hosts.push_back(repository.get());
      }
    }
    if (hosts.empty()) return;
    std::vector<std::size_t> counts(hosts.size(), 0);
    for (std::size_t i = 0; i < world_.options_.pull_requests; ++i)
      ++counts[std::min(dice_.below(hosts.size()), dice_.below(hosts.size()))];
    for (std::size_t i = 0; i < hosts.size(); ++i) fill(*hosts[i], counts[i]);
  }

  void fill(Repository& repository, std::size_t count) {
    const Micros now = to_micros(world_.options_.now);
    const Micros step =
        std::max<Micros>((now - repository.created_on) / (static_cast<Micros>(count) + 1), 2);
    for (std::size_t i = 0; i < count; ++i) {
      const Micros created =
          rounded(repository.created_on + static_cast<Micros>(i + 1) * step, dice_);
      repository.pull_requests.push_back(world_.make_pull_request(repository, created));
      live(repository.pull_requests.back());
      repository.updated_on =
          std::max(repository.updated_on, repository.pull_requests.back().updated_on);
    }
  }

  /// What happened to a pull request between its opening and now.
  void live(PullRequest& made) {
    const Micros now = to_micros(world_.options_.now);
    const auto room = static_cast<std::size_t>(std::max<Micros>(now - made.created_on - minute, 2));
    made.updated_on =
        made.created_on + static_cast<Micros>(dice_.below(std::min<std::size_t>(room, 9 * day)));
    made.updated_on = std::max(made.created_on, rounded(made.updated_on, dice_));
    made.comment_count = static_cast<int>(dice_.below(6));
    for (Participant& participant : made.participants) {
      if (dice_.one_in(3)) continue;
      participant.state = dice_.one_in(6) ? "changes_requested" : "approved";
      participant.participated_on = made.updated_on;
    }
    const std::size_t fate = dice_.below(20);
    const bool forgotten = fate < 3;
    const std::size_t left_open = world_.options_.left_open;
    if (forgotten && (left_open >= 100 || dice_.below(100) < left_open)) return;
    made.state = fate < 17 ? "MERGED" : fate < 19 ? "DECLINED" : "SUPERSEDED";
    made.draft = false;
    made.closed_by = dice_.below(world_.people.size());
    made.closed_on = made.updated_on;
    if (made.state == "MERGED") made.merge_hash = dice_.hex(40);
    if (made.state == "DECLINED" && dice_.one_in(2)) made.reason = "Not needed any more";
    if (world_.options_.odd && dice_.one_in(15)) made.fork_deleted = true;
  }

  World& world_;
  Dice& dice_;
};

World::World(WorldOptions options)
    : options_(options), dice_(options.seed), more_dice_(options.seed ^ 0x5e7f0000U) {
  WorldBuilder(*this).build();
  SetupBuilder(*this).build();
  HistoryBuilder(*this).build();
  lived_until_ = to_micros(options_.now);
}

WorldOptions WorldOptions::reference_repository() {
  WorldOptions options;
  options.repositories = 1;
  options.pull_requests = 2000;
  options.activity = 12'000;
  options.pipelines = 5000;
  options.deployments = 1500;
  options.with_pipelines = 100;
  return options;
}

Person World::make_person(Timestamp now) {
  const std::size_t number = names_given_++;
  const auto& given = Texts::given_names();
  const auto& family = Texts::family_names();
  Person made;
  made.uuid = "{" + dice_.uuid() + "}";
  made.account_id = number % 3 == 0   ? "557058:" + dice_.uuid()
                    : number % 3 == 1 ? dice_.hex(24)
                                      : "712020:" + dice_.uuid();
  made.display_name = given[number % given.size()] + " " + family[number * 5 % family.size()];
  if (options_.awkward && number % 2 == 1) made.display_name = awkward_name(number);
  made.nickname = number % 2 == 0 ? given[number % given.size()] : fmt::format("person{}", number);
  made.email = fmt::format("person{}@example.com", number);
  if (number % 3 != 0) made.has_2fa = number % 4 != 1;
  made.created_on = to_micros(now) - static_cast<Micros>(dice_.below(2000)) * day;
  return made;
}

Repository World::make_repository(const Workspace& workspace, Micros created) {
  const std::size_t number = names_given_++;
  const auto& words = Texts::repository_words();
  Repository made;
  made.uuid = "{" + dice_.uuid() + "}";
  made.name = fmt::format("{}-{}", dice_.pick(words), number);
  if (options_.odd && number % 6 == 1) made.name = dice_.pick(Texts::hostile());
  if (options_.awkward && number % 2 == 1) made.name = awkward_name(number);
  made.slug = fmt::format("{}{}{}", slug_of(made.name), number % 4 == 3 ? "." : "-", number);
  made.description = dice_.pick(Texts::descriptions());
  static const std::vector<std::string> languages{"", "", "c++", "go", "python"};
  made.language = dice_.pick(languages);
  made.main_branch = number % 3 == 0 ? "master" : "main";
  if (number % 5 == 2) made.website = "https://example.com/" + made.slug;
  if (number % 4 != 0) made.enforced_signed_commits = number % 4 == 1;
  made.overrides = number % 2 == 1;
  made.is_private = number % 8 != 5;
  if (!made.is_private) made.fork_policy = "allow_forks";
  made.project = dice_.below(workspace.projects.size());
  made.creator = dice_.below(people.size());
  made.size = static_cast<std::int64_t>(dice_.below(90'000'000));
  made.created_on = created;
  made.updated_on = created;
  return made;
}

PullRequest World::make_pull_request(Repository& repository, Micros created) {
  PullRequest made;
  made.id = repository.next_pull_request++;
  made.title =
      options_.odd && dice_.one_in(12) ? dice_.pick(Texts::hostile()) : dice_.pick(Texts::titles());
  if (options_.awkward && made.id % 2 == 1)
    made.title = awkward_name(static_cast<std::size_t>(made.id));
  made.description = dice_.pick(Texts::descriptions());
  made.draft = dice_.one_in(8);
  made.author = dice_.below(people.size());
  made.source_branch = dice_.pick(Texts::branches());
  made.destination_branch = dice_.one_in(9) ? "release/2026.11" : repository.main_branch;
  made.source_hash = dice_.hex(40);
  made.destination_hash = dice_.hex(40);
  made.close_source_branch = dice_.one_in(2);
  made.task_count = dice_.one_in(6) ? 2 : 0;
  made.created_on = created;
  made.updated_on = created;
  const std::size_t reviewers = dice_.below(4);
  for (std::size_t i = 0; i < reviewers; ++i) {
    const std::size_t person = dice_.below(people.size());
    const bool known = std::any_of(made.participants.begin(), made.participants.end(),
                                   [&](const Participant& p) { return p.person == person; });
    if (!known) made.participants.push_back({person, i < 2 || dice_.one_in(2), "", {}});
  }
  return made;
}

Workspace* World::find_workspace(std::string_view slug_or_uuid) {
  for (auto& workspace : workspaces) {
    if (matches(workspace->slug, workspace->uuid, slug_or_uuid)) return workspace.get();
  }
  return nullptr;
}

Repository* World::find_repository(Workspace& workspace, std::string_view slug_or_uuid) {
  for (auto& repository : workspace.repositories) {
    if (matches(repository->slug, repository->uuid, slug_or_uuid)) return repository.get();
  }
  return nullptr;
}

PullRequest* World::find_pull_request(Repository& repository, std::int64_t id) {
  for (PullRequest& candidate : repository.pull_requests) {
    if (candidate.id == id) return &candidate;
  }
  return nullptr;
}

Person* World::find_person(std::string_view uuid_or_account_id) {
  for (Person& person : people) {
    if (person.uuid == uuid_or_account_id || person.account_id == uuid_or_account_id)
      return &person;
  }
  return nullptr;
}

std::size_t World::repository_count() const {
  std::size_t count = 0;
  for (const auto& workspace : workspaces) count += workspace->repositories.size();
  return count;
}

std::size_t World::pull_request_count() const {
  std::size_t count = 0;
  for (const auto& workspace : workspaces) {
    for (const auto& repository : workspace->repositories)
      count += repository->pull_requests.size();
  }
  return count;
}

}  // namespace evidenced::simulator
