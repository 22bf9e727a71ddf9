#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// What a partition of a stream is.
enum class Parent { none, workspace, project, repository };

/// Which limit of Bitbucket a request counts against (reference: bitbucket, section 5).
enum class Group { repositories, other, webhooks, mergeability };
inline constexpr Group groups[] = {Group::repositories, Group::other, Group::webhooks,
                                   Group::mergeability};

/// How a stream is kept fresh.
enum class Freshness {
  each_sync,   ///< small: walked whole in every sync
  updated_on,  ///< asked for what changed since the watermark; walked whole after `whole_after`
  rotation,    ///< walked whole, spread over a day
  /// A list that grows at its beginning: after it was walked whole, it is read down to what was
  /// known before, and to what had not come to its end. Walked whole again after `whole_after`.
  newest_first,
  /// Commits: asked for what is not behind the commit that was the newest one when the list was
  /// walked last, which is its watermark. For a server that does not know it any more, the list is
  /// read like one that is newest_first.
  since_head,
  /// Asked for each of some commits: paths[0] with each of them. Which those are, the sync knows
  /// when it plans: the heads of pull requests that were merged since the watermark.
  per_head,
};

/// What the answers to a stream's paths are.
enum class Shape {
  list,    ///< each path is a list of artifacts, walked one after the other by `next`
  object,  ///< the answer is the artifact
  /// paths[0] is a list (leg 0). Its entries are no artifacts yet: for each of them paths[1] is
  /// asked with partition_of(entry) as the partition (leg 1), and that answer is the artifact.
  list_of_objects,
};

/// One thing collected from one place: one row of the table of collection.md.
struct Stream {
  std::string_view name;
  std::string_view kind;   ///< of its artifacts; streams of several parents may share one
  std::string_view title;  ///< for people
  std::string_view
      description{};  ///< one sentence for the kinds catalogue, in the kind's first stream
  Parent parent = Parent::none;
  Group group = Group::other;
  Freshness freshness = Freshness::rotation;
  Shape shape = Shape::list;
  std::string_view scope;   ///< the scope it needs ("admin:…" = control profile)
  bool needs_role = false;  ///< the account must be an administrator
  int page_length = 0;      ///< the most that the service gives; 0: not paged
  /// "/2.0/repositories/{workspace}/{repository}/…"; one leg each. Placeholders: workspace,
  /// project, repository (uuids, the project's key), workspace_slug, main_branch, pull_request,
  /// commit.
  std::span<const std::string_view> paths;
  std::string_view query{};  ///< constant part of the query, encoded; where `next` drops its
                             ///< `sort`, that is put back
  /// How old a complete list may become before everything is listed again (updated_on,
  /// newest_first).
  std::chrono::hours whole_after{24};
  /// What is older is not asked for; 0: everything is. Such a list never tells that something is
  /// gone.
  std::chrono::hours window{0};
  bool history = false;  ///< grows for years: how far back it is asked for is a setting
  /// newest_first, since_head: the streams in whose partition something changes when something
  /// does in this one's; "repository": the repository itself says so.
  std::span<const std::string_view> follows{};
  bool watches_open = false;  ///< looked at in every sync while something in it is open
  /// Pages have numbers: where `next` is missing though rows are, the next number is asked for.
  bool numbered_pages = false;
  /// Its rows have no ids, and never change: two that say the same are two, as long as the list did
  /// not grow while it was read.
  bool anonymous = false;
  /// Asked to see whether it may be asked: 401 and 410 are refusals like 403, and say nothing of
  /// the credential.
  bool probe = false;
  bool absent_is_none = false;  ///< 404 means that there is none
  /// Of repositories in which a pipeline has run: the others have none of it.
  bool needs_pipelines = false;
  /// Where nothing goes on in a repository, or a project has none, its turn comes less often than
  /// once a day: at least once a week.
  bool rests = false;
  /// A stream that is read more often, and in which something changes when something does in this
  /// one: where it can be read, the turn of this one comes once a week, and when that one changed.
  std::string_view guard{};
  /// A stream of workspaces that tells the same in fewer requests: this one is asked for in the
  /// workspaces where that one is refused.
  std::string_view instead_of{};
};

/// All streams, in the order of a sync (breadth first).
std::span<const Stream> streams();
const Stream* find_stream(std::string_view name);

/// The first stream that collects a kind: it describes the kind. nullptr: nobody does.
const Stream* find_kind(std::string_view kind);

/// Whether only what is new has to be read of a stream's lists: they show it first.
bool has_tail(const Stream& stream);

/// How far back a stream is asked for; 0: as far as it goes. `history_days`: the setting.
std::chrono::hours window_of(const Stream& stream, int history_days);

/// Whether a path of `stream` is asked as a list, with its pages.
bool is_list(const Stream& stream, std::size_t leg);

/// What the objects of a kind are parents of; Parent::none for all but three kinds.
Parent opens(std::string_view kind);

/// The kind whose objects are the partitions, "" for Parent::none.
std::string_view parent_kind(Parent parent);

std::string_view group_name(
    Group group);  ///< "repositories", "other", "webhooks", …: keys of the budget

}  // namespace evidenced::connector::bitbucket
