#pragma once

#include "storage/connection.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace evidenced::storage {

/// The parameters of a statement under construction; owns the texts that it binds.
class Parameters {
 public:
  std::string bind(std::string_view text) {  ///< "$1", "$2", …
    values_.emplace_back(std::string_view(texts_.emplace_back(text)));
    return fmt::format("${}", values_.size());
  }
  std::string bind(std::int64_t number) {
    values_.emplace_back(number);
    return fmt::format("${}", values_.size());
  }
  std::span<const Value> values() const { return values_; }

 private:
  std::deque<std::string> texts_;  // grows without moving
  std::vector<Value> values_;
};

}  // namespace evidenced::storage
