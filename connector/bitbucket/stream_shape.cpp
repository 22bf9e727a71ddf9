#include "connector/bitbucket/stream_shape.hpp"

#include "connector/bitbucket/known_words.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

constexpr std::int64_t percent_expected = 99;
constexpr std::size_t object_index = 4;

}  // namespace

/// One page while it is compared.
struct StreamShape::Look {
  const PageShape& page;
  std::string_view kind;
  std::span<const storage::ArtifactDraft> artifacts;
  bool learning = false;
  std::vector<storage::DriftFinding> findings{};

  const std::string& artifact(std::uint32_t number) const {
    static const std::string none;
    return number < artifacts.size() ? artifacts[number].upstream_id : none;
  }
};

std::vector<storage::DriftFinding> StreamShape::see(
    const PageShape& page, std::size_t leg, std::string_view kind,
    std::span<const storage::ArtifactDraft> artifacts) {
  if (page.nodes.empty() || page.nodes.front().objects == 0) return {};
  ++version_;
  Look look{page, kind, artifacts, learning()};
  const std::uint32_t root = root_of(leg);
  if (root != 0) compare_members(look, root, 0);
  return std::move(look.findings);
}

void StreamShape::end_sync(bool whole) {
  if (!learning()) return;
  syncs_ended_ += whole ? syncs_to_learn : 1;
  ++version_;
}

std::uint32_t StreamShape::root_of(std::size_t leg) {
  const std::string name = std::to_string(leg);
  const std::uint32_t found = find(0, name, 0);
  return found == 0 ? make(0, name) : found;
}

std::uint32_t StreamShape::find(std::uint32_t parent, std::string_view name,
                                std::uint32_t hint) const {
  if (hint != 0 && nodes_[hint].name == name) return hint;
  for (std::uint32_t i = nodes_[parent].first_child; i != 0; i = nodes_[i].next) {
    if (nodes_[i].name == name) return i;
  }
  return 0;
}

std::uint32_t StreamShape::make(std::uint32_t parent, std::string_view name) {
  if (nodes_.size() >= shape_nodes_limit) return 0;
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  Node node;
  node.name = name;
  node.parent = parent;
  node.born = nodes_[parent].objects;
  nodes_.push_back(std::move(node));
  Node& above = nodes_[parent];
  if (above.first_child == 0) above.first_child = index;
  if (above.last_child != 0) nodes_[above.last_child].next = index;
  above.last_child = index;
  return index;
}

std::string StreamShape::path_of(std::uint32_t index) const {
  const Node& node = nodes_[index];
  std::string path;
  if (nodes_[node.parent].parent != 0) path = path_of(node.parent);
  if (!path.empty() && node.name != "[]") path += '.';
  return path + node.name;
}

storage::DriftFinding& StreamShape::tell(Look& look, std::uint32_t node,
                                         std::string_view what) const {
  storage::DriftFinding finding;
  finding.kind = look.kind;
  finding.drift.stream = stream_;
  finding.drift.what = what;
  finding.drift.path = path_of(node);
  return look.findings.emplace_back(std::move(finding));
}

/// An object that is of another type than any before it has members of its own.
bool StreamShape::says_new_type(const Look& look, std::uint32_t known, std::uint32_t shown) const {
  const std::uint32_t type = find(known, "type", nodes_[known].first_child);
  if (type == 0) return false;
  std::uint32_t i = look.page.nodes[shown].first_child;
  while (i != 0 && look.page.nodes[i].name != "type") i = look.page.nodes[i].next;
  if (i == 0) return false;
  const std::vector<std::string>& words = nodes_[type].words;
  return std::ranges::any_of(look.page.nodes[i].words, [&](const PageShape::Word& word) {
    return std::ranges::find(words, word.text) == words.end();
  });
}

/// The members of the objects that the page shows at one place.
void StreamShape::compare_members(Look& look, std::uint32_t known, std::uint32_t shown) {
  const PageShape::Node& objects = look.page.nodes[shown];
  const std::int64_t before = nodes_[known].objects;
  const bool quiet = look.learning || before < shape_settled || says_new_type(look, known, shown);
  const std::uint32_t last_known = nodes_[known].last_child;
  std::vector<bool> listed(nodes_.size(), false);
  std::uint32_t hint = nodes_[known].first_child;
  for (std::uint32_t i = objects.first_child; i != 0; i = look.page.nodes[i].next) {
    std::uint32_t member = find(known, look.page.nodes[i].name, hint);
    const bool is_new = member == 0;
    if (is_new) member = make(known, look.page.nodes[i].name);
    if (member == 0) continue;
    if (is_new && !quiet) {
      storage::DriftFinding& finding = tell(look, member, "new_field");
      finding.drift.after = shape_words(look.page.nodes[i].types);
      finding.upstream_id = look.artifact(look.page.nodes[i].first);
    }
    if (!is_new) listed[member] = true;
    hint = nodes_[member].next;
    compare(look, member, i);
  }
  for (std::uint32_t i = nodes_[known].first_child; i != 0 && last_known != 0; i = nodes_[i].next) {
    if (!listed[i]) note_missing(look, i, objects.objects, objects.first_of_type[object_index]);
    if (i == last_known) break;
  }
  nodes_[known].objects += objects.objects;
}

void StreamShape::compare(Look& look, std::uint32_t known, std::uint32_t shown) {
  const PageShape::Node& node = look.page.nodes[shown];
  note_present(look, known);
  compare_types(look, known, shown);
  compare_nulls(look, known, shown);
  compare_words(look, known, shown);
  nodes_[known].seen += node.seen;
  nodes_[known].types |= node.types;
  if ((node.types & shape_object) != 0) compare_members(look, known, shown);
  if ((node.types & shape_array) == 0) return;
  for (std::uint32_t i = node.first_child; i != 0; i = look.page.nodes[i].next) {
    if (look.page.nodes[i].name != "[]") continue;
    std::uint32_t items = find(known, "[]", nodes_[known].first_child);
    if (items == 0) items = make(known, "[]");
    if (items != 0) compare(look, items, i);
  }
}

void StreamShape::compare_types(Look& look, std::uint32_t known, std::uint32_t shown) {
  const PageShape::Node& node = look.page.nodes[shown];
  const Node& before = nodes_[known];
  const auto added = static_cast<std::uint8_t>(node.types & ~before.types);
  const bool settled = before.seen - before.nulls >= shape_settled;
  if (added == 0 || before.types == 0 || look.learning || !settled) return;
  storage::DriftFinding& finding = tell(look, known, "changed_type");
  finding.drift.before = shape_words(before.types);
  finding.drift.after = shape_words(node.types);
  finding.drift.value = shape_words(added);
  std::uint32_t first = 0;
  for (std::size_t i = 0; i < node.first_of_type.size(); ++i) {
    if ((added & (1U << i)) != 0) first = node.first_of_type[i];
  }
  finding.upstream_id = look.artifact(first);
}

void StreamShape::compare_nulls(Look& look, std::uint32_t known, std::uint32_t shown) {
  const PageShape::Node& shape = look.page.nodes[shown];
  Node& node = nodes_[known];
  if (shape.nulls < shape.seen) {
    if (node.nulled) {
      storage::DriftFinding& finding = tell(look, known, "newly_null");
      finding.ended = true;
      node.nulls -= node.null_run;
    }
    node.nulled = false;
    node.null_run = 0;
    node.nulls += shape.nulls;
    return;
  }
  const bool never_null = node.nulls == node.null_run;
  const bool expected = node.seen - node.nulls >= shape_expected;
  node.nulls += shape.nulls;
  if (look.learning || !never_null || !expected) return;
  if (node.null_run == 0) node.since = look.artifact(shape.first_null);
  node.null_run += shape.nulls;
  if (node.nulled || node.null_run < shape_run) return;
  node.nulled = true;
  storage::DriftFinding& finding = tell(look, known, "newly_null");
  finding.drift.before = shape_words(node.types);
  finding.drift.after = "null";
  finding.upstream_id = node.since;
}

void StreamShape::compare_words(Look& look, std::uint32_t known, std::uint32_t shown) {
  if (look.page.nodes[shown].words.empty()) return;
  std::string path;
  for (const PageShape::Word& word : look.page.nodes[shown].words) {
    std::vector<std::string>& words = nodes_[known].words;
    const bool full = words.size() >= shape_words_limit;
    if (full || std::ranges::find(words, word.text) != words.end()) continue;
    words.push_back(word.text);
    if (path.empty()) path = path_of(known);
    if (is_known_word(look.kind, path, word.text)) continue;
    storage::DriftFinding& finding = tell(look, known, "unknown_value");
    finding.drift.value = word.text;
    finding.upstream_id = look.artifact(word.first);
  }
}

void StreamShape::note_present(Look& look, std::uint32_t known) {
  Node& node = nodes_[known];
  if (node.vanished) {
    storage::DriftFinding& finding = tell(look, known, "vanished");
    finding.ended = true;
    // What was told and has ended does not count: it may be told again.
    node.born += node.missing;
  }
  node.vanished = false;
  node.missing = 0;
}

void StreamShape::note_missing(Look& look, std::uint32_t known, std::int64_t objects,
                               std::uint32_t first) {
  if (look.learning) return;
  Node& node = nodes_[known];
  const std::int64_t counted = nodes_[node.parent].objects - node.born - node.missing;
  const bool expected =
      node.seen >= shape_expected && counted > 0 && node.seen * 100 >= counted * percent_expected;
  if (!expected) return;
  if (node.missing == 0) node.since = look.artifact(first);
  node.missing += objects;
  if (node.vanished || node.missing < shape_run) return;
  node.vanished = true;
  storage::DriftFinding& finding = tell(look, known, "vanished");
  finding.drift.before = shape_words(node.types);
  finding.upstream_id = node.since;
}

}  // namespace evidenced::connector::bitbucket
