#include "config/log.hpp"

#include "config/redact.hpp"
#include "config/time.hpp"
#include "config/utf8.hpp"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <cmath>
#include <memory>

namespace evidenced::log {
namespace {

std::atomic<Level> threshold{Level::info};
std::atomic<Format> shape{Format::text};

spdlog::logger& sink() {
  static spdlog::logger logger = [] {
    spdlog::logger made("evidenced", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made.set_pattern("%v");
    made.set_level(spdlog::level::trace);
    return made;
  }();
  return logger;
}

std::string_view level_name(Level level) {
  constexpr std::array<std::string_view, 6> names = {"trace",   "debug", "info",
                                                     "warning", "error", "off"};
  return names.at(static_cast<std::size_t>(level));
}

/// Appends `value` between quotes, with everything escaped that could end the line, move the
/// cursor or turn the reading direction.
void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  append_escaped(line, value);
  line += '"';
}

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= ' ' || byte >= 0x7f || c == '"' || c == '=' || c == '\\') return true;
  }
  return false;
}

void append_value(std::string& line, const Field& field, bool always_quote) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    const std::string shown = redact(*text);
    if (always_quote || needs_quotes(shown)) {
      append_quoted(line, shown);
    } else {
      line += shown;
    }
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    line += fmt::format("{}", *integer);
  } else if (const auto* number = std::get_if<double>(&field.value)) {
    line += std::isfinite(*number) ? fmt::format("{}", *number) : "null";
  } else {
    line += std::get<bool>(field.value) ? "true" : "false";
  }
}

std::string text_line(std::string_view time, Level level, std::string_view event,
                      std::initializer_list<Field> fields) {
  std::string line = fmt::format("{} {:<7} ", time, level_name(level));
  append_escaped(line, redact(event));
  for (const Field& field : fields) {
    line += ' ';
    append_escaped(line, field.name);
    line += '=';
    append_value(line, field, false);
  }
  return line;
}

std::string json_line(std::string_view time, Level level, std::string_view event,
                      std::initializer_list<Field> fields) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","event":)", time, level_name(level));
  append_quoted(line, redact(event));
  for (const Field& field : fields) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    append_value(line, field, true);
  }
  line += '}';
  return line;
}

}  // namespace

void configure(Level level, Format format) {
  threshold = level;
  shape = format;
  sink();
}

void set_level(Level level) {
  threshold = level;
}

bool enabled(Level level) {
  return level != Level::off && level >= threshold.load(std::memory_order_relaxed);
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const std::string time = format_rfc3339(now);
  const std::string line = shape == Format::json ? json_line(time, level, event, fields)
                                                 : text_line(time, level, event, fields);
  sink().log(spdlog::level::info, spdlog::string_view_t(line));
}

}  // namespace evidenced::log
