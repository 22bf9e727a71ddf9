#pragma once

#include "connector/bitbucket/json_text.hpp"
#include "storage/artifact_store.hpp"
#include "storage/related_store.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::connector::bitbucket {

/// An artifact whose relations are asked for, and what its stored content does not tell.
struct Subject {
  const storage::Artifact& artifact;
  const JsonText& content;
  std::string workspace_uuid;  ///< of its workspace; "" when it is not known
  std::string partition;       ///< it was listed in: the {uuid} of its parent; "" when it has none
};

/// One way in which an artifact hangs together with others of one kind.
struct Relation {
  std::string_view name;  ///< "author", or the kind where there is no better word
  storage::RelatedQuery query;
  /// The filters of a list that shows exactly these (name and value); none where no list does.
  using List = std::vector<std::pair<std::string_view, std::string>>;
  List list = {};
};

/// The relations of an artifact, in the order of a page: what it is part of, what it names, what is
/// part of it. Those for which its content lacks what they need are left out.
std::vector<Relation> relations_of(const Subject& subject);

}  // namespace evidenced::connector::bitbucket
