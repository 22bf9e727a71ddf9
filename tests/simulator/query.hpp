#pragma once

#include <boost/json/value.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::simulator {

/// Bitbucket's filter language (`q`): `= != ~ !~ > >= < <= IN NOT IN`, AND, OR, parentheses;
/// strings in double quotes, numbers, timestamps (quoted or not), null, true, false.
class Query {
 public:
  /// nullopt when the text is no expression: the service answers 400.
  static std::optional<Query> parse(std::string_view text);

  bool matches(const boost::json::value& body) const;

  bool has_or() const { return has_or_; }
  bool names(std::string_view path) const;  ///< whether it compares that path

  struct Node;

 private:
  std::shared_ptr<const Node> root_;
  bool has_or_ = false;
  std::vector<std::string> paths_;
};

/// The values at a dotted path; an array on the way stands for each of its entries.
std::vector<const boost::json::value*> values_at(const boost::json::value& body,
                                                 std::string_view path);

/// Order of two bodies by the value at `path` (timestamps by their moment, null first).
bool sorts_before(const boost::json::value& left, const boost::json::value& right,
                  std::string_view path);

}  // namespace evidenced::simulator
