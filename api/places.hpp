#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace evidenced::api {

/// So many at once for each name: exports and event streams of a key. One thread.
class Places {
 public:
  explicit Places(std::size_t most) : most_(most) {}

  /// One place, given back when it goes; may outlive the Places.
  using Place = std::shared_ptr<void>;

  /// nullopt when all places of the name are taken.
  std::optional<Place> take(const std::string& name) {
    std::size_t& taken = (*taken_)[name];
    if (taken >= most_) return std::nullopt;
    ++taken;
    return Place(nullptr, [all = taken_, name](std::nullptr_t) {
      if (--(*all)[name] == 0) all->erase(name);
    });
  }

 private:
  std::size_t most_;
  std::shared_ptr<std::map<std::string, std::size_t>> taken_ =
      std::make_shared<std::map<std::string, std::size_t>>();
};

}  // namespace evidenced::api
