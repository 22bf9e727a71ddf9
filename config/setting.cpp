// What one row of the settings table can do: names, parsing, limits, printing.
#include "config/listen_address.hpp"
#include "config/settings_table.hpp"
#include "config/time.hpp"
#include "config/utf8.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace evidenced {
namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

template <class Choice>
using Choices = std::vector<std::pair<std::string_view, Choice>>;

template <class Choice>
const Choices<Choice>& choices();

template <>
const Choices<log::Level>& choices() {
  using enum log::Level;
  static const Choices<log::Level> rows = {{"trace", trace},     {"debug", debug}, {"info", info},
                                           {"warning", warning}, {"error", error}, {"off", off}};
  return rows;
}

template <>
const Choices<log::Format>& choices() {
  static const Choices<log::Format> rows = {{"text", log::Format::text},
                                            {"json", log::Format::json}};
  return rows;
}

template <class Choice>
std::string choice_names() {
  std::string names;
  for (const auto& [name, unused] : choices<Choice>()) {
    if (!names.empty()) names += ", ";
    names += name;
  }
  return names;
}

std::string mapped(std::string_view text, std::string_view from, char to, bool upper) {
  std::string out(text);
  for (char& c : out) {
    if (from.contains(c)) c = to;
    if (upper && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

Complaint check_url(std::string_view text, bool https_only) {
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return "is no URL";
  const boost::urls::url_view& url = *parsed;
  const std::string_view scheme(url.scheme().data(), url.scheme().size());
  if (https_only && scheme != "https") return "must start with https://";
  if (scheme != "https" && scheme != "http") return "must start with https:// or http://";
  const bool bare = url.encoded_path().empty() || url.encoded_path() == "/";
  if (url.encoded_host().empty()) return "names no host";
  if (url.has_userinfo()) return "must not hold a user name or password";
  if (!bare || url.has_query() || url.has_fragment()) return "must end after host and port";
  return std::nullopt;
}

Complaint check_text(SettingForm form, const std::string& text) {
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
    return "holds a control character";
  }
  switch (form) {
    case SettingForm::plain:
    case SettingForm::path:
      return std::nullopt;
    case SettingForm::listen:
      if (parse_listen_address(text)) return std::nullopt;
      return "is no address and port, like 127.0.0.1:8080 or [::1]:8080";
    case SettingForm::origin:
      return check_url(text, true);
    case SettingForm::public_url:
      return text.empty() ? std::nullopt : check_url(text, false);
    case SettingForm::storage_url:
      if (text.starts_with("sqlite:///") && text.find_last_not_of('/') > 9) return std::nullopt;
      return "is not of the form sqlite:////absolute/file or sqlite:///relative/file";
    case SettingForm::network:
      if (is_address_or_network(text)) return std::nullopt;
      return "is no address and no network, like 10.0.0.0/8";
  }
  return std::nullopt;
}

Complaint check_range(const Setting& setting, std::int64_t value) {
  if (value >= setting.least && value <= setting.most) return std::nullopt;
  return fmt::format("must be {}", setting.limits());
}

/// Fills one member; one overload for each type of a setting.
struct Assign {
  const Setting& setting;
  Settings& settings;
  const RawValue& value;

  Complaint operator()(std::string& (*member)(Settings&)) const {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) return "must be a text in quotes";
    if (Complaint complaint = check_text(setting.form, *text)) return complaint;
    member(settings) = *text;
    return std::nullopt;
  }
  Complaint operator()(bool& (*member)(Settings&)) const {
    const auto* flag = std::get_if<bool>(&value);
    if (flag == nullptr) return "must be true or false";
    member(settings) = *flag;
    return std::nullopt;
  }
  Complaint operator()(int& (*member)(Settings&)) const {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return "must be an integer";
    if (Complaint complaint = check_range(setting, *number)) return complaint;
    member(settings) = static_cast<int>(*number);
    return std::nullopt;
  }
  Complaint operator()(std::chrono::seconds& (*member)(Settings&)) const {
    const auto* text = std::get_if<std::string>(&value);
    const auto duration = text == nullptr ? std::nullopt : parse_duration(*text);
    if (!duration) return R"(must be an ISO 8601 duration in quotes, like "PT30S" or "PT1H")";
    if (Complaint complaint = check_range(setting, duration->count())) return complaint;
    member(settings) = *duration;
    return std::nullopt;
  }
  Complaint operator()(std::vector<std::string>& (*member)(Settings&)) const {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return "must be a list of texts";
    for (const std::string& text : *list) {
      const Complaint complaint = check_text(setting.form, text);
      if (complaint) return fmt::format("{} {}", toml_string(text), *complaint);
    }
    member(settings) = *list;
    return std::nullopt;
  }
  template <class Choice>
  Complaint operator()(Choice& (*member)(Settings&)) const {
    const auto* text = std::get_if<std::string>(&value);
    for (const auto& [name, choice] : choices<Choice>()) {
      if (text == nullptr || *text != name) continue;
      member(settings) = choice;
      return std::nullopt;
    }
    return fmt::format("must be one of {}", choice_names<Choice>());
  }
};

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view part = text.substr(0, comma);
    while (part.starts_with(' ')) part.remove_prefix(1);
    while (part.ends_with(' ')) part.remove_suffix(1);
    if (!part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

/// The value that `text`, from a variable or a flag, stands for.
RawValue raw_of(const SettingTarget& target, std::string_view text) {
  if (std::holds_alternative<bool& (*)(Settings&)>(target)) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    return std::monostate();
  }
  if (std::holds_alternative<int& (*)(Settings&)>(target)) {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc() || stop != text.end()) return std::monostate();
    return number;
  }
  if (std::holds_alternative<std::vector<std::string>& (*)(Settings&)>(target)) {
    return split_list(text);
  }
  return std::string(text);
}

}  // namespace

std::string Setting::section() const {
  const std::size_t dot = key.find('.');
  return std::string(dot == std::string_view::npos ? "" : key.substr(0, dot));
}

std::string Setting::name() const {
  return std::string(key.substr(key.find('.') + 1));
}

std::string Setting::variable() const {
  return "EVIDENCED_" + mapped(key, ".", '_', true);
}

std::string Setting::flag() const {
  return "--" + mapped(key, "._", '-', false);
}

std::string Setting::type() const {
  constexpr std::array<std::string_view, 7> names = {
      "text", "boolean", "integer", "duration", "list of texts", "choice", "choice"};
  return std::string(names.at(target.index()));
}

std::string Setting::limits() const {
  if (std::holds_alternative<log::Level& (*)(Settings&)>(target)) return choice_names<log::Level>();
  if (std::holds_alternative<log::Format& (*)(Settings&)>(target)) {
    return choice_names<log::Format>();
  }
  if (most == 0) return "";
  if (!std::holds_alternative<std::chrono::seconds& (*)(Settings&)>(target)) {
    return fmt::format("{} to {}", least, most);
  }
  return fmt::format("{} to {}", format_duration(std::chrono::seconds(least)),
                     format_duration(std::chrono::seconds(most)));
}

Complaint Setting::assign(Settings& settings, const RawValue& raw) const {
  return std::visit(Assign{*this, settings, raw}, target);
}

Complaint Setting::assign_text(Settings& settings, std::string_view text) const {
  return assign(settings, raw_of(target, text));
}

RawValue Setting::raw(const Settings& settings) const {
  Settings copy = settings;  // the members are found in a mutable object only
  return std::visit(
      Overloaded{
          [&](std::string& (*member)(Settings&)) -> RawValue { return member(copy); },
          [&](bool& (*member)(Settings&)) -> RawValue { return member(copy); },
          [&](int& (*member)(Settings&)) -> RawValue { return std::int64_t{member(copy)}; },
          [&](std::chrono::seconds& (*member)(Settings&)) -> RawValue {
            return format_duration(member(copy));
          },
          [&](std::vector<std::string>& (*member)(Settings&)) -> RawValue { return member(copy); },
          [&]<class Choice>(Choice& (*member)(Settings&)) -> RawValue {
            const auto& rows = choices<Choice>();
            const auto row =
                std::ranges::find(rows, member(copy), [](const auto& r) { return r.second; });
            return std::string(row->first);
          },
      },
      target);
}

std::string Setting::value(const Settings& settings) const {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string(); },
                        [](const std::string& text) { return toml_string(text); },
                        [](bool is_set) { return std::string(is_set ? "true" : "false"); },
                        [](const std::vector<std::string>& texts) {
                          std::vector<std::string> quoted;
                          quoted.reserve(texts.size());
                          for (const std::string& text : texts) quoted.push_back(toml_string(text));
                          return fmt::format("[{}]", fmt::join(quoted, ", "));
                        },
                        [](auto number) { return fmt::format("{}", number); },
                    },
                    raw(settings));
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  append_escaped(out, text);
  return out + "\"";
}

}  // namespace evidenced
