#pragma once

#include <boost/json/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// Bitbucket's partial responses: `fields=-links,+values.participants`, `fields=next,values.id`,
/// wildcards per level. Parsed once, applied to a whole body, or to its entries (`sub("values")`).
///
/// Without bare names everything is shown but what the endpoint hides by default and what `-`
/// removes; with one bare name only what is named is shown.
class Fields {
 public:
  /// `text` is the decoded parameter, "" when there was none; `hidden` are the dotted paths that
  /// the endpoint shows only when asked.
  Fields(std::string_view text, std::span<const std::string_view> hidden);

  boost::json::value apply(const boost::json::value& full) const;

  /// Whether everything is shown as it is.
  bool plain() const { return shown_ && root_.children.empty(); }
  /// Whether a top-level member is shown at all.
  bool shows(std::string_view name) const;
  /// One entry of the array `name`.
  boost::json::value apply_entry(std::string_view name, const boost::json::value& entry) const;

 private:
  enum class Mark { none, show, hide, hidden, closed };
  struct Node {
    std::string name;
    Mark mark = Mark::none;
    bool asked = false;  ///< named, or on the way to what is named
    std::vector<Node> children;
    Node& child(std::string_view wanted);
    const Node* find(std::string_view wanted) const;
  };
  void add(std::string_view path, Mark mark);
  static bool member(const Node& node, std::string_view name, bool shown,
                     const boost::json::value& full, boost::json::value& out);
  static boost::json::value filtered(const Node& node, bool shown, const boost::json::value& full);

  Node root_;
  bool shown_ = true;
};

}  // namespace evidenced::simulator
