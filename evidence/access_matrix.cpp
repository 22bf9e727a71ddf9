#include "evidence/access_matrix.hpp"

#include <algorithm>
#include <utility>

namespace evidenced::evidence {

namespace {

constexpr std::string_view permission_letters = "-RWA";  // in the order of Permission

template <class Places>
std::optional<std::size_t> find_place(const Places& places, std::string_view id) {
  const auto found = places.find(id);
  if (found == places.end()) return std::nullopt;
  return found->second;
}

}  // namespace

AccessMatrix::AccessMatrix(std::vector<AccessRepository> repositories)
    : repositories_(std::move(repositories)) {
  for (std::size_t at = 0; at < repositories_.size(); ++at) {
    repository_places_.emplace(repositories_[at].uuid, at);
  }
}

std::optional<std::size_t> AccessMatrix::repository_place(std::string_view uuid) const {
  return find_place(repository_places_, uuid);
}

std::optional<std::size_t> AccessMatrix::find_person(std::string_view id) const {
  return find_place(person_places_, id);
}

std::size_t AccessMatrix::person_place(std::string_view id) {
  const auto found = person_places_.find(id);
  if (found != person_places_.end()) return found->second;
  const std::size_t place = people_.size();
  person_places_.emplace(id, place);
  people_.emplace_back().id = id;
  cells_.emplace_back();
  return place;
}

void AccessMatrix::raise(std::size_t person, std::size_t repository, Permission to) {
  std::string& row = cells_[person];
  if (row.empty()) row.assign(repositories_.size(), '\0');
  row[repository] = std::max(row[repository], static_cast<char>(to));
}

char AccessMatrix::letter(std::size_t person, std::size_t repository) const {
  const std::string& row = cells_[person];
  const char cell = row.empty() ? '\0' : row[repository];
  if (cell == '\0' && !repositories_[repository].known) return '?';
  return permission_letters[static_cast<std::size_t>(cell)];
}

std::string AccessMatrix::letters(std::size_t person) const {
  std::string text(repositories_.size(), '-');
  for (std::size_t at = 0; at < text.size(); ++at) text[at] = letter(person, at);
  return text;
}

AccessCounts AccessMatrix::counts(std::size_t person) const {
  const std::string& row = cells_[person];
  const auto count = [&](Permission permission) {
    return std::ranges::count(row, static_cast<char>(permission));
  };
  return {count(Permission::admin), count(Permission::write), count(Permission::read)};
}

}  // namespace evidenced::evidence
