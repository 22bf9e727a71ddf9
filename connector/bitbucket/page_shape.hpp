#pragma once

#include "connector/bitbucket/json_text.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::connector::bitbucket {

/// What a member was, beside null: a set of bits.
enum ShapeType : std::uint8_t {
  shape_boolean = 1,
  shape_number = 2,
  shape_string = 4,
  shape_array = 8,
  shape_object = 16,
};

/// "string", "number or string", …; "" for none.
std::string shape_words(std::uint8_t types);

/// What the objects of one page look like: which members they have at which path, of which types,
/// how often. Names of members only, never what stands in them, but for words of enumerations.
/// Bounded: members of maps (`links`, `rendered`, `properties`, `changes`), names that no schema
/// would have, and what is nested deeper than eight are left out.
struct PageShape {
  /// Of a word: what it says, and which object of the page said it first.
  struct Word {
    std::string text;  ///< "" for one that may be no word at all
    std::uint32_t first = 0;
  };
  /// A member, or all items of an array (its name is then "[]"). nodes[0] is the object itself.
  struct Node {
    std::string name;
    std::uint32_t parent = 0;
    std::uint32_t first_child = 0;  ///< 0: none
    std::uint32_t last_child = 0;
    std::uint32_t next = 0;  ///< sibling; 0: none
    std::uint32_t children = 0;
    std::uint32_t seen = 0;  ///< so often it was there
    std::uint32_t nulls = 0;
    std::uint32_t objects = 0;
    std::uint32_t first = 0;       ///< object of the page that had it first
    std::uint32_t first_null = 0;  ///< that had it as null first
    std::array<std::uint32_t, 5> first_of_type{};
    std::uint8_t types = 0;
    bool watched = false;  ///< its words are kept
    std::vector<Word> words;
  };
  std::vector<Node> nodes;
};

/// Draws the shape of a page, object by object. One page, one thread.
class ShapeReader {
 public:
  /// `kind`: of the artifacts; it knows which members hold words of enumerations.
  explicit ShapeReader(std::string_view kind);

  /// The object with that number on the page.
  void add(const JsonText& object, std::uint32_t number);

  PageShape take() { return std::move(shape_); }

 private:
  void note(std::uint32_t node, const JsonText& value, int depth);
  void note_members(std::uint32_t node, const JsonText& object, int depth);
  void note_word(PageShape::Node& node, const JsonText& value) const;
  std::uint32_t child(std::uint32_t parent, std::string_view name, std::uint32_t hint);
  std::uint32_t make(std::uint32_t parent, std::string_view name);

  std::string_view kind_;
  std::uint32_t number_ = 0;
  PageShape shape_;
};

/// How many members one object, and one page, may have before the others are not counted.
inline constexpr std::uint32_t shape_children_limit = 64;
inline constexpr std::size_t shape_nodes_limit = 512;
inline constexpr std::size_t shape_words_limit = 16;
inline constexpr int shape_depth_limit = 8;

}  // namespace evidenced::connector::bitbucket
