#pragma once

#include <span>
#include <string_view>

namespace evidenced::connector::bitbucket {

/// What a partition of a stream is.
enum class Parent { none, workspace, project, repository };

/// Which limit of Bitbucket a request counts against (reference: bitbucket, section 5).
enum class Group { repositories, other, webhooks };

/// How a stream is kept fresh.
enum class Freshness {
  each_sync,   ///< small: walked whole in every sync
  updated_on,  ///< asked for what changed since the watermark; walked whole once a day
  rotation,    ///< walked whole, spread over a day
};

/// What the answers to a stream's paths are.
enum class Shape {
  list,    ///< each path is a list of artifacts, walked one after the other by `next`
  object,  ///< the answer is the artifact
  /// paths[0] is a list (leg 0). Its entries are no artifacts yet: for each of them paths[1] is
  /// asked with partition_of(entry) as the partition (leg 1), and that answer is the artifact.
  list_of_objects,
};

/// One kind of thing collected: one row of the table of collection.md.
struct Stream {
  std::string_view name;   ///< also the artifact kind
  std::string_view title;  ///< for people
  Parent parent;
  Group group;
  Freshness freshness;
  Shape shape;
  std::string_view scope;  ///< the scope it needs ("admin:…" = control profile)
  bool needs_role;         ///< the account must be an administrator
  int page_length;         ///< the most that the service gives; 0: not a list
  std::span<const std::string_view>
      paths;                     ///< "/2.0/repositories/{workspace}/{repository}/…"; one leg each
  std::string_view query;        ///< constant part of the query, encoded
  std::string_view description;  ///< one sentence for the kinds catalogue
};

/// All streams, in the order of a sync (breadth first).
std::span<const Stream> streams();
const Stream* find_stream(std::string_view name);

std::string_view group_name(
    Group group);  ///< "repositories", "other", "webhooks": keys of the budget

}  // namespace evidenced::connector::bitbucket
