// How the shape of a stream is written down: a JSON array for each member, its own last.
#include "connector/bitbucket/stream_shape.hpp"

#include <boost/json.hpp>

#include <exception>
#include <utility>

namespace evidenced::connector::bitbucket {

namespace {

namespace json = boost::json;

constexpr std::int64_t format = 1;
constexpr std::int64_t is_vanished = 1;
constexpr std::int64_t is_nulled = 2;

}  // namespace

storage::StoredShape StreamShape::stored() const {
  json::array rows;
  for (const Node& node : nodes_) {
    json::array words;
    for (const std::string& word : node.words) words.emplace_back(word);
    const std::int64_t told = (node.vanished ? is_vanished : 0) + (node.nulled ? is_nulled : 0);
    const bool runs = node.missing > 0 || node.null_run > 0;
    rows.emplace_back(json::array{node.name, node.parent, node.seen, node.nulls, node.objects,
                                  node.born, node.missing, node.null_run, node.types, told,
                                  runs ? node.since : std::string(), std::move(words)});
  }
  const json::object all{{"format", format}, {"syncs", syncs_ended_}, {"members", std::move(rows)}};
  return {.stream = stream_, .version = version_, .shape = json::serialize(all)};
}

std::optional<StreamShape> StreamShape::read(const storage::StoredShape& stored) {
  StreamShape shape(stored.stream, stored.version);
  try {
    const json::value text = json::parse(stored.shape);
    const json::object& all = text.as_object();
    if (all.at("format").to_number<std::int64_t>() != format) return std::nullopt;
    shape.syncs_ended_ = all.at("syncs").to_number<std::int64_t>();
    bool first = true;
    for (const json::value& value : all.at("members").as_array()) {
      const json::array& row = value.as_array();
      const auto number = [&row](std::size_t i) { return row.at(i).to_number<std::int64_t>(); };
      const auto parent = static_cast<std::uint32_t>(number(1));
      std::uint32_t index = 0;
      if (!first) {
        if (parent >= shape.nodes_.size()) return std::nullopt;
        index = shape.make(parent, row.at(0).as_string());
        if (index == 0) return std::nullopt;
      }
      first = false;
      Node& node = shape.nodes_[index];
      node.seen = number(2);
      node.nulls = number(3);
      node.objects = number(4);
      node.born = number(5);
      node.missing = number(6);
      node.null_run = number(7);
      node.types = static_cast<std::uint8_t>(number(8));
      node.vanished = (number(9) & is_vanished) != 0;
      node.nulled = (number(9) & is_nulled) != 0;
      node.since = row.at(10).as_string();
      for (const json::value& word : row.at(11).as_array())
        node.words.emplace_back(word.as_string());
    }
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return shape;
}

}  // namespace evidenced::connector::bitbucket
