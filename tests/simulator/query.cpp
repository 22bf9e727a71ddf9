#include "tests/simulator/query.hpp"

#include "tests/simulator/stamp.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <compare>
#include <utility>

namespace evidenced::simulator {

namespace json = boost::json;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

struct Lexeme {
  enum class Kind { word, string, sign, open, close, comma, end };
  Kind kind = Kind::end;
  std::string text;
};

bool word_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' ||
         c == ':' || c == '+' || c == '{' || c == '}';
}

/// Splits an expression; nullopt at a character that has no place in one.
std::optional<std::vector<Lexeme>> tokens_of(std::string_view text) {
  std::vector<Lexeme> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t') {
      ++at;
    } else if (c == '(' || c == ')' || c == ',') {
      const auto kind = c == '('   ? Lexeme::Kind::open
                        : c == ')' ? Lexeme::Kind::close
                                   : Lexeme::Kind::comma;
      tokens.push_back({kind, std::string(1, c)});
      ++at;
    } else if (c == '"') {
      std::string value;
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        value += text[at];
      }
      if (at == text.size()) return std::nullopt;
      ++at;
      tokens.push_back({Lexeme::Kind::string, std::move(value)});
    } else if (std::string_view("=!~<>").find(c) != std::string_view::npos) {
      std::string sign(1, text[at++]);
      if (at < text.size() && (text[at] == '=' || (sign == "!" && text[at] == '~')))
        sign += text[at++];
      tokens.push_back({Lexeme::Kind::sign, std::move(sign)});
    } else if (word_char(c)) {
      const std::size_t begin = at;
      while (at < text.size() && word_char(text[at])) ++at;
      tokens.push_back({Lexeme::Kind::word, std::string(text.substr(begin, at - begin))});
    } else {
      return std::nullopt;
    }
  }
  tokens.push_back({});
  return tokens;
}

/// -1, 0, 1; nullopt when the two cannot be compared.
std::optional<int> compare(const json::value& left, const json::value& right) {
  const auto order = [](auto a, auto b) { return a < b ? -1 : a > b ? 1 : 0; };
  if (left.is_string() && right.is_string()) {
    const auto a = read_stamp(left.get_string());
    const auto b = a ? read_stamp(right.get_string()) : std::nullopt;
    if (a && b) return order(*a, *b);
    return order(std::string_view(left.get_string()), std::string_view(right.get_string()));
  }
  if (left.is_number() && right.is_number())
    return order(left.to_number<double>(), right.to_number<double>());
  if (left.is_bool() && right.is_bool()) return order(left.get_bool(), right.get_bool());
  if (left.is_null() && right.is_null()) return 0;
  return std::nullopt;
}

json::value literal_of(const Lexeme& token) {
  if (token.kind == Lexeme::Kind::string) return json::value(token.text);
  const std::string word = lower(token.text);
  if (word == "null") return nullptr;
  if (word == "true") return true;
  if (word == "false") return false;
  std::int64_t number = 0;
  const char* end = token.text.data() + token.text.size();
  const auto read = std::from_chars(token.text.data(), end, number);
  if (read.ec == std::errc() && read.ptr == end) return number;
  return json::value(token.text);
}

}  // namespace

struct Query::Node {
  enum class Kind { all, any, test };
  Kind kind = Kind::test;
  std::vector<Node> children;
  std::string path;
  std::string sign;
  std::vector<json::value> literals;

  bool holds(const json::value& body) const {
    if (kind == Kind::all)
      return std::all_of(children.begin(), children.end(),
                         [&](const Node& child) { return child.holds(body); });
    if (kind == Kind::any)
      return std::any_of(children.begin(), children.end(),
                         [&](const Node& child) { return child.holds(body); });
    if (sign == "!=" || sign == "!~" || sign == "NOT IN") return !found(body);
    return found(body);
  }

 private:
  bool found(const json::value& body) const {
    const auto values = values_at(body, path);
    if (values.empty()) return literals.front().is_null() && (sign == "=" || sign == "!=");
    return std::any_of(values.begin(), values.end(),
                       [&](const json::value* value) { return one(*value); });
  }
  bool one(const json::value& value) const {
    if (sign == "~" || sign == "!~") {
      if (!value.is_string() || !literals.front().is_string()) return false;
      return lower(value.get_string()).find(lower(literals.front().get_string())) !=
             std::string::npos;
    }
    if (sign == "IN" || sign == "NOT IN" || sign == "=" || sign == "!=") {
      return std::any_of(literals.begin(), literals.end(),
                         [&](const json::value& wanted) { return compare(value, wanted) == 0; });
    }
    const auto order = compare(value, literals.front());
    if (!order) return false;
    if (sign == ">") return *order > 0;
    if (sign == ">=") return *order >= 0;
    if (sign == "<") return *order < 0;
    return *order <= 0;
  }
};

namespace {

/// Recursive descent over the tokens; every function leaves `at_` behind what it read.
class Parser {
 public:
  explicit Parser(std::vector<Lexeme> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Query::Node> whole() {
    auto node = any();
    if (!node || peek().kind != Lexeme::Kind::end) return std::nullopt;
    return node;
  }
  bool has_or = false;
  std::vector<std::string> paths;

 private:
  const Lexeme& peek() const { return tokens_[at_]; }
  Lexeme take() {
    Lexeme token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool keyword(std::string_view word) {
    if (peek().kind != Lexeme::Kind::word || lower(peek().text) != word) return false;
    take();
    return true;
  }

  std::optional<Query::Node> any() {
    Query::Node node{Query::Node::Kind::any, {}, {}, {}, {}};
    do {
      auto child = all();
      if (!child) return std::nullopt;
      node.children.push_back(std::move(*child));
    } while (keyword("or"));
    if (node.children.size() == 1) return std::move(node.children.front());
    has_or = true;
    return node;
  }
  std::optional<Query::Node> all() {
    Query::Node node{Query::Node::Kind::all, {}, {}, {}, {}};
    do {
      auto child = single();
      if (!child) return std::nullopt;
      node.children.push_back(std::move(*child));
    } while (keyword("and"));
    if (node.children.size() == 1) return std::move(node.children.front());
    return node;
  }
  std::optional<Query::Node> single() {
    if (++depth_ > 50) return std::nullopt;
    std::optional<Query::Node> node;
    if (peek().kind == Lexeme::Kind::open) {
      take();
      node = any();
      if (take().kind != Lexeme::Kind::close) node.reset();
    } else {
      node = test();
    }
    --depth_;
    return node;
  }
  std::optional<Query::Node> test() {
    Query::Node node;
    const Lexeme path = take();
    if (path.kind != Lexeme::Kind::word) return std::nullopt;
    node.path = path.text;
    paths.push_back(path.text);
    if (keyword("in")) {
      node.sign = "IN";
    } else if (keyword("not")) {
      if (!keyword("in")) return std::nullopt;
      node.sign = "NOT IN";
    } else {
      const Lexeme sign = take();
      static const std::vector<std::string> known{"=", "!=", "~", "!~", ">", ">=", "<", "<="};
      const bool valid = std::find(known.begin(), known.end(), sign.text) != known.end();
      if (sign.kind != Lexeme::Kind::sign || !valid) return std::nullopt;
      node.sign = sign.text;
      return literal(node) ? std::optional(std::move(node)) : std::nullopt;
    }
    if (take().kind != Lexeme::Kind::open) return std::nullopt;
    do {
      if (!literal(node)) return std::nullopt;
    } while (take().kind == Lexeme::Kind::comma);
    return tokens_[at_ - 1].kind == Lexeme::Kind::close ? std::optional(std::move(node))
                                                        : std::nullopt;
  }
  bool literal(Query::Node& node) {
    const Lexeme token = take();
    if (token.kind != Lexeme::Kind::word && token.kind != Lexeme::Kind::string) return false;
    node.literals.push_back(literal_of(token));
    return true;
  }

  std::vector<Lexeme> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

void collect(const json::value& value, std::string_view path,
             std::vector<const json::value*>& found) {
  if (value.is_array()) {
    for (const json::value& entry : value.get_array()) collect(entry, path, found);
    return;
  }
  if (path.empty()) {
    found.push_back(&value);
    return;
  }
  if (!value.is_object()) return;
  const std::size_t dot = path.find('.');
  const json::value* child = value.get_object().if_contains(path.substr(0, dot));
  if (child == nullptr) return;
  collect(*child, dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1), found);
}

}  // namespace

std::optional<Query> Query::parse(std::string_view text) {
  auto tokens = tokens_of(text);
  if (!tokens) return std::nullopt;
  Parser parser(std::move(*tokens));
  auto root = parser.whole();
  if (!root) return std::nullopt;
  Query query;
  query.root_ = std::make_shared<const Node>(std::move(*root));
  query.has_or_ = parser.has_or;
  query.paths_ = std::move(parser.paths);
  return query;
}

bool Query::matches(const json::value& body) const {
  return root_->holds(body);
}

bool Query::names(std::string_view path) const {
  return std::find(paths_.begin(), paths_.end(), path) != paths_.end();
}

std::vector<const json::value*> values_at(const json::value& body, std::string_view path) {
  std::vector<const json::value*> found;
  collect(body, path, found);
  return found;
}

bool sorts_before(const json::value& left, const json::value& right, std::string_view path) {
  const auto a = values_at(left, path);
  const auto b = values_at(right, path);
  const bool left_null = a.empty() || a.front()->is_null();
  const bool right_null = b.empty() || b.front()->is_null();
  if (left_null || right_null) return left_null && !right_null;
  return compare(*a.front(), *b.front()).value_or(0) < 0;
}

}  // namespace evidenced::simulator
