#pragma once

#include "config/time.hpp"
#include "tests/simulator/dice.hpp"
#include "tests/simulator/stamp.hpp"
#include "tests/simulator/world_history.hpp"
#include "tests/simulator/world_setup.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// A JSON body kept until the thing it shows, or something that it embeds, changes.
struct BodyCache {
  mutable boost::json::value body;
  mutable std::uint64_t epoch = 0;  ///< of the world when it was built; 0: never
};

struct Person {
  enum class Type { user, app_user, team };
  Type type = Type::user;
  std::string uuid;          ///< with braces
  std::string account_id;    ///< one of three spellings, or "" (legacy)
  std::string nickname;      ///< "" when the body has none
  std::string display_name;  ///< may hold any script
  std::string email;
  bool erased = false;  ///< bodies say null where this person should be
  std::optional<bool> has_2fa;
  Micros created_on = 0;
};

struct Membership {
  std::size_t person = 0;
  std::string permission;  ///< owner, create-project, collaborator (legacy), member
  Micros added_on = 0;
};

struct Group {
  std::string slug;
  std::string name;
  std::string permission;
  std::vector<std::size_t> members;
};

/// An explicit permission of a user, or of a group of the workspace.
struct Grant {
  bool to_group = false;
  std::size_t who = 0;  ///< index of the person, or of the group in its workspace
  std::string permission;
};

struct Restriction {
  std::int64_t id = 0;
  std::string kind;
  std::string pattern;      ///< of the glob; "" for the branching model
  std::string branch_type;  ///< of the branching model; "" for a glob
  std::optional<int> value;
  std::vector<std::size_t> users;
  std::vector<std::size_t> groups;
  BodyCache cache;
};

struct Participant {
  std::size_t person = 0;
  bool reviewer = false;
  std::string state;  ///< "approved", "changes_requested" or "" (null)
  std::optional<Micros> participated_on;
};

struct PullRequest {
  std::int64_t id = 0;
  std::string title;
  std::string description;
  std::string state = "OPEN";
  bool draft = false;
  std::size_t author = 0;
  std::string source_branch;
  std::string destination_branch;
  std::string source_hash;       ///< 40 characters; bodies show 12
  std::string destination_hash;  ///< likewise
  std::string merge_hash;        ///< "" unless merged
  bool fork_deleted = false;
  bool close_source_branch = false;
  std::optional<std::size_t> closed_by;
  std::string reason;
  int comment_count = 0;
  int task_count = 0;
  Micros created_on = 0;
  Micros updated_on = 0;
  Micros closed_on = 0;
  std::vector<Participant> participants;
  std::vector<Event> events;  ///< oldest first
  /// Titles that it had, each with when it ended.
  std::vector<std::pair<Micros, std::string>> former_titles;
  int branch_tip = -1;  ///< index of the commit that the source branch points to
  BodyCache cache;
};

struct Project {
  std::string uuid;
  std::string key;
  std::string name;
  std::optional<std::string> description;  ///< nullopt: null
  bool is_private = true;
  Micros created_on = 0;
  Micros updated_on = 0;
  std::vector<Grant> grants;
  std::vector<std::size_t> default_reviewers;
  std::vector<DeployKey> deploy_keys;
  BodyCache cache;
};

struct Repository {
  std::string uuid;
  std::string slug;
  std::string name;
  std::string description;
  std::string language;
  std::string fork_policy = "no_public_forks";
  std::string main_branch;  ///< "": an empty repository, `mainbranch` is null
  std::optional<std::string> website;
  std::optional<bool> enforced_signed_commits;
  bool is_private = true;
  bool overrides = false;
  std::size_t project = 0;  ///< index in its workspace
  std::size_t creator = 0;
  std::int64_t size = 0;
  Micros created_on = 0;
  Micros updated_on = 0;
  std::int64_t next_pull_request = 1;
  std::deque<PullRequest> pull_requests;
  std::vector<Grant> grants;
  std::deque<Restriction> restrictions;
  Setup setup;
  History history;
  BodyCache cache;
};

struct Workspace {
  std::string uuid;
  std::string slug;
  std::string name;
  Micros created_on = 0;
  std::vector<Membership> members;
  std::vector<Group> groups;
  std::vector<Project> projects;
  std::vector<std::unique_ptr<Repository>> repositories;
  std::vector<Hook> hooks;
  std::vector<Variable> variables;
  std::vector<Runner> runners;
  BodyCache cache;
};

struct WorldOptions {
  std::uint64_t seed = 1;
  std::size_t workspaces = 1;
  std::size_t people = 20;
  std::size_t groups = 4;          ///< in each workspace
  std::size_t projects = 3;        ///< in each workspace
  std::size_t repositories = 10;   ///< altogether
  std::size_t pull_requests = 60;  ///< altogether, unevenly spread
  std::size_t restrictions = 4;    ///< in a repository, on average
  /// Altogether; 0: as many as the pull requests imply.
  std::size_t activity = 0;
  std::size_t pipelines = 0;
  std::size_t deployments = 0;
  std::size_t life_per_day = 300;  ///< changes that World::live makes
  /// Percent of the pull requests that nobody came to close (15 of 100) that are open for good.
  std::size_t left_open = 100;
  std::size_t with_pipelines = 60;  ///< percent of the repositories, those with most pull requests
  bool odd = true;  ///< hostile names, all scripts, erased people, deleted forks, all spellings
  bool awkward = false;  ///< every other name is one of Texts::awkward()
  Timestamp now{std::chrono::milliseconds(1795500000000)};  ///< 2026-11-24T06:00:00Z

  /// One repository of 2,000 pull requests, 12,000 rows of activity, 5,000 pipelines and 1,500
  /// deployments.
  static WorldOptions reference_repository();
};

/// What a random mutation may do; values are bits.
enum MutationKind : unsigned {
  mutate_pull_requests = 1,  ///< open, approve, request changes, merge, decline, comment, retitle
  mutate_repositories = 2,   ///< create, delete, change the description
  mutate_members = 4,        ///< join, leave, change of role
  mutate_grants = 8,
  mutate_restrictions = 16,
  mutate_projects = 32,  ///< description
  /// Names that other bodies embed (repository, project, person): those do not move the
  /// `updated_on` of what embeds them, as on the real service.
  mutate_names = 64,
  mutate_all = 127,
  mutate_without_names = 63,
  /// Pushes around review, approvals withdrawn, direct pushes, deployments.
  mutate_delivery = 128,
  /// Hooks, keys, variables, reviewers, environments, members of groups.
  mutate_setup = 256,
  mutate_everything = 511,
};

/// A seeded, lifelike Bitbucket: what exists, and how it changes. One thread.
///
/// Person 0 owns every workspace and is never changed: the account of the default credential.
/// Every change stamps `updated_on` as the real service does, later than every stamp before it.
class World {
 public:
  explicit World(WorldOptions options = {});
  World(World&&) = default;
  World& operator=(World&&) = default;

  const WorldOptions& options() const { return options_; }
  std::deque<Person> people;
  std::vector<std::unique_ptr<Workspace>> workspaces;

  /// Whether an approval, a request for changes or a participant moves the pull request's
  /// `updated_on`. Not known for the real service (reference: bitbucket, section 10).
  bool approvals_move_updated_on = true;

  Workspace* find_workspace(std::string_view slug_or_uuid);
  static Repository* find_repository(Workspace& workspace, std::string_view slug_or_uuid);
  static PullRequest* find_pull_request(Repository& repository, std::int64_t id);
  Person* find_person(std::string_view uuid_or_account_id);

  /// Changes `steps` random things; answers one line about each ("approve pull request acme/x#7").
  std::vector<std::string> mutate(std::size_t steps, Timestamp now, unsigned kinds = mutate_all);

  /// Lives from where it stopped (at first: from when it was built) until `until`: so many changes
  /// a day as the options say, most of them by day. Answers one line about each.
  std::vector<std::string> live(Timestamp until);
  Timestamp lived_until() const {
    return Timestamp(std::chrono::milliseconds(lived_until_ / 1000));
  }
  /// What a busy repository calls a quiet day: of its open pull requests the twenty newest are
  /// approved and pushed to fifty times, which runs as many pipelines, and five of them are merged.
  void live_quietly(Repository& repository, Timestamp now);
  /// Finishes the pipelines and deployments that are due.
  void settle(Timestamp now);

  PullRequest& open_pull_request(Repository& repository, Timestamp now);
  void approve(PullRequest& pull_request, std::size_t person, Timestamp now);
  void request_changes(PullRequest& pull_request, std::size_t person, Timestamp now);
  void comment(PullRequest& pull_request, std::size_t person, Timestamp now);
  void retitle(PullRequest& pull_request, std::string title, Timestamp now);
  void merge(Repository& repository, PullRequest& pull_request, std::size_t person, Timestamp now);
  void decline(PullRequest& pull_request, std::size_t person, Timestamp now);
  void push(Repository& repository, PullRequest& pull_request, std::size_t person, Timestamp now);
  /// Takes an approval or a request for changes back: the activity keeps it.
  void withdraw(PullRequest& pull_request, std::size_t person, Timestamp now);
  /// A push to the main branch past every pull request.
  void direct_push(Repository& repository, std::size_t person, Timestamp now);
  bool deploy(Repository& repository, std::size_t person, Timestamp now);
  Repository& create_repository(Workspace& workspace, Timestamp now);
  void delete_repository(Workspace& workspace, const std::string& uuid);
  void rename_repository(Repository& repository, std::string name, Timestamp now);
  void describe_repository(Repository& repository, std::string description, Timestamp now);
  std::size_t join(Workspace& workspace, Timestamp now);  ///< the index of the new person
  void leave(Workspace& workspace, std::size_t person);
  void set_permission(Workspace& workspace, std::size_t person, std::string permission);
  void grant(Repository& repository, Grant grant);  ///< adds it or changes its permission
  void revoke(Repository& repository, bool to_group, std::size_t who);
  Restriction& restrict(Repository& repository, std::string kind);
  void unrestrict(Repository& repository, std::int64_t id);
  void change_project(Project& project, std::string description, Timestamp now);
  void rename_project(Project& project, std::string name, Timestamp now);
  void rename_person(std::size_t person, std::string display_name);

  /// Moves on when something that other bodies embed changes: then every cached body is stale.
  std::uint64_t epoch() const { return epoch_; }

  /// Sums over all workspaces.
  std::size_t repository_count() const;
  std::size_t pull_request_count() const;

 private:
  friend class WorldBuilder;
  friend class SetupBuilder;
  friend class HistoryBuilder;
  Micros tick(Timestamp now);
  Person make_person(Timestamp now);
  Repository make_repository(const Workspace& workspace, Micros created);
  PullRequest make_pull_request(Repository& repository, Micros created);
  std::string mutate_once(Timestamp now, unsigned kinds);
  std::string mutate_pull_request(Workspace& workspace, Timestamp now);
  std::string mutate_repository(Workspace& workspace, Timestamp now);
  std::string mutate_member(Workspace& workspace, Timestamp now);
  std::string mutate_grant(Workspace& workspace);
  std::string mutate_restriction(Workspace& workspace);
  std::string mutate_name(Workspace& workspace, Timestamp now);
  std::string mutate_delivery_of(Workspace& workspace, Timestamp now);
  std::string mutate_setup_of(Workspace& workspace, Timestamp now);
  std::string mutate_setup_in(Repository& repository, Timestamp now);
  std::string live_once(Timestamp now);

  WorldOptions options_;
  Dice dice_;
  Dice more_dice_;  ///< of everything that came after the first kinds: their worlds stay the same
  Micros last_stamp_ = 0;
  Micros lived_until_ = 0;
  std::int64_t next_restriction_ = 26520700;
  std::uint64_t epoch_ = 1;
  std::size_t names_given_ = 0;
};

/// 40 characters: where a branch points to; a made-up hash when there is no such branch.
std::string head_of(const Repository& repository, std::string_view branch);

/// All kinds of branch restriction that the reference lists.
const std::vector<std::string>& restriction_kinds();

}  // namespace evidenced::simulator
