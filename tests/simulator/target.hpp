#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evidenced::simulator {

/// A request target taken apart: segments decoded one by one (so %2F stays within its segment),
/// query values decoded as forms are (a bare `+` is a space).
struct Target {
  std::string raw_path;
  std::vector<std::string> segments;  ///< "/2.0/repositories//" → {"2.0", "repositories", "", ""}
  struct Parameter {
    std::string raw;  ///< "page=2", as sent
    std::string name;
    std::string value;
  };
  std::vector<Parameter> parameters;
  bool raw_braces = false;

  /// The first value of that name; nullopt when it was not sent.
  std::optional<std::string> find(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
};

Target read_target(std::string_view target);

/// RFC 4648 Base64, strict; nullopt for anything else.
std::optional<std::string> decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace evidenced::simulator
