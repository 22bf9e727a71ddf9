#include "tests/simulator/world_texts.hpp"

namespace evidenced::simulator {

const std::vector<std::string>& Texts::given_names() {
  static const std::vector<std::string> words{
      "Ada",  "Bruno",   "Chidi",   "Dilnoza", "Emeka", "Freja", "Goran",   "Hana",
      "Ines", "Jāzeps",  "Kemal",   "Lúcia",   "明",    "Nia",   "Ольга",   "Priya",
      "Quim", "Rasheed", "Saoirse", "さくら",  "Uma",   "Vít",   "Wanjiru", "زينب"};
  return words;
}

const std::vector<std::string>& Texts::family_names() {
  static const std::vector<std::string> words{
      "Abara",    "Brandvik", "Castellanos", "Dvořák",   "Eriksen", "Fofanah", "García-Núñez",
      "Håkonsen", "Iliescu",  "Jovanović",   "Kowalska", "李",      "Müller",  "O'Shaughnessy",
      "Петрова",  "Quispe",   "Rautavaara",  "佐藤",     "Tūhoe",   "Unwin",   "van der Velde"};
  return words;
}

const std::vector<std::string>& Texts::repository_words() {
  static const std::vector<std::string> words{
      "billing", "ledger",  "gateway", "portal", "mobile", "infra",  "docs",    "search",
      "audit",   "mailer",  "reports", "tokens", "orders", "stream", "widget",  "deploy",
      "backup",  "catalog", "console", "proxy",  "agent",  "sdk",    "website", "pipeline"};
  return words;
}

const std::vector<std::string>& Texts::titles() {
  static const std::vector<std::string> words{"Refuse an expired token before it is used",
                                              "Raise the limit of open files",
                                              "Fix rounding of invoices with three decimals",
                                              "Update dependencies",
                                              "Remove the old export",
                                              "支払い画面の表示を修正",
                                              "修复登录超时的问题",
                                              "Добавить проверку подписи",
                                              "🚀 Release 2.14.0",
                                              "Draft: new index for the search",
                                              "Merged in hotfix/ledger-lock (pull request #12)",
                                              "Make the deployment wait for the migration",
                                              "Let auditors read, not write"};
  return words;
}

const std::vector<std::string>& Texts::descriptions() {
  static const std::vector<std::string> words{
      "",
      "See the design note.\r\n\r\n* first\r\n* second\r\n",
      "Closes LEDG-42.\n\nTested on staging.",
      "变更说明：\r\n- 更新依赖\r\n- 修复测试 ✅",
      "`SELECT * FROM users WHERE name = 'x'; --`",
      "One line without an end",
      "| a | b |\n|---|---|\n| 1 | 2 |\n\n![](https://example.com/x.png)"};
  return words;
}

const std::vector<std::string>& Texts::branches() {
  static const std::vector<std::string> words{"feature/login",
                                              "bugfix/LEDG-42",
                                              "hotfix/lock",
                                              "feature/支付",
                                              "release/2026.11",
                                              "user/ada/try\"quotes",
                                              "odd/$HOME;>x<&",
                                              "odd/#hash@at|pipe",
                                              "feature/ünïcödé",
                                              "renovate/openssl-3.x",
                                              "wip",
                                              "dependabot/a/b/c-1.2.3"};
  return words;
}

const std::vector<std::string>& Texts::hostile() {
  static const std::vector<std::string> words{
      "=HYPERLINK(\"https://example.com/\",\"click\")",
      "+cmd|' /C calc'!A0",
      "<script>alert(1)</script>",
      "Robert'); DROP TABLE artifacts;--",
      "line one\r\nline two\r\nX-Injected: yes",
      "tab\there, bell\a, escape\x1b[31mred\x1b[0m",
      "\xE2\x80\xAEtxt.exe right to left",
      "zero\xE2\x80\x8Bwidth and \xE2\x80\xA8line separator",
      "👩‍👩‍👧‍👦 family, 🇺🇳 flag, e\xCC\x81 combining",
      "\\u0041 backslashes \\\\ and \\n",
      "%2e%2e%2f ../../etc/passwd",
      "{\"json\":[1,2,{\"next\":\"https://example.com/\"}]}",
      "   spaces around   ",
      "@SUM(1+1)*cmd"};
  return words;
}

const std::vector<std::string>& Texts::awkward() {
  static const std::vector<std::string> words{
      "מערכת החשבוניות הדמיונית",
      "خدمة الفواتير الخيالية (الإصدار ٣)",
      "<img src=x onerror=alert(1)>",
      "thenamethatnobodyparts_" + std::string(90, 'n') + "_whereitshould",
      "Quarterly reconciliation of everything that was ever invoiced, refunded, disputed and "
      "written off, with all of its appendices",
      "\xE2\x80\x8Fהפוך\xE2\x80\xAE gnp.exe \xE2\x80\xAC and back",
      "ledger שלום مرحبا 42"};
  return words;
}

}  // namespace evidenced::simulator
