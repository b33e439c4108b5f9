#include "tests/unit/routing/site_dir.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "routing/load.h"

namespace liandong::routing::testing {

namespace fs = std::filesystem;

SiteDir::SiteDir() {
  std::string pattern = (fs::temp_directory_path() / "liandong-site-XXXXXX").string();
  path_ = mkdtemp(pattern.data());
  MakeDirectory("agreements");
  Write("settings.textproto",
        "name: '云溪县'\n"
        "trust_domain: 'yunxi.liandong.example'\n"
        "command_party: 'command'\n"
        "utc_offset_minutes: 480\n"
        "lead_receive_s: 10\n"
        "lead_accept_s: 300\n");
  Write("parties.textproto",
        "party { id: 'command' kind: COMMAND name_zh: '县应急指挥中心' }\n"
        "party { id: 'power' kind: AGENCY name_zh: '供电公司' }\n"
        "party { id: 'water' kind: AGENCY name_zh: '水利局' }\n"
        "party { id: 'fire' kind: HOTLINE name_zh: '119' }\n"
        "party { id: 'qingshi' kind: TOWNSHIP name_zh: '青石镇' division: '339921100000' }\n");
  Write("rosters.textproto", "post { id: 'power-leader' party: 'power' title_zh: '供电值班领导' }\n");
  Write("divisions.textproto",
        "division { code: '339921000000' name_zh: '云溪县' }\n"
        "division { code: '339921100000' name_zh: '青石镇' }\n");
  Write("categories.textproto",
        "category { code: 'natural' name_zh: '自然灾害' }\n"
        "category { code: 'natural.flood' name_zh: '洪涝' }\n");
  Write("agreements/a.textproto", Agreement("power-2022", "power", ""));
}

SiteDir::~SiteDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void SiteDir::Write(const std::string& file, const std::string& text) const {
  std::ofstream out(fs::path(path_) / file, std::ios::binary);
  out << text;
  out.close();
  ASSERT_TRUE(out) << file;
}

void SiteDir::Replace(const std::string& file, const std::string& old_text, const std::string& new_text) const {
  std::ifstream in(fs::path(path_) / file, std::ios::binary);
  std::ostringstream all;
  all << in.rdbuf();
  std::string text = all.str();
  size_t at = text.find(old_text);
  ASSERT_NE(at, std::string::npos) << file << ": " << old_text;
  Write(file, text.replace(at, old_text.size(), new_text));
}

void SiteDir::Remove(const std::string& file) const { ASSERT_TRUE(fs::remove(fs::path(path_) / file)) << file; }

void SiteDir::MakeDirectory(const std::string& name) const {
  ASSERT_TRUE(fs::create_directory(fs::path(path_) / name)) << name;
}

std::string SiteDir::Agreement(const std::string& id, const std::string& party, const std::string& line5) {
  return absl::StrCat(
      "id: '", id, "'\ntitle: '合作框架协议'\nparty: '", party, "'\neffective_from: '2022-03-01'\n", line5,
      "\nclause { id: '4.2' text: '组织抢修。'\n  when { category: 'natural.flood' }\n  duty { party: '", party,
      "' role: LEAD\n    accept_within_s: 600\n    escalate { to: 'power-leader' }\n  }\n}\n");
}

std::vector<std::string> SiteDir::Errors() const {
  auto findings = CheckSiteDir(path_);
  EXPECT_TRUE(findings.ok()) << findings.status();
  std::vector<std::string> texts;
  if (!findings.ok()) return texts;
  for (const Finding& finding : *findings) {
    EXPECT_FALSE(finding.message_zh.empty()) << finding.Text();
    if (!finding.warning) texts.push_back(finding.Text());
  }
  EXPECT_EQ(LoadSiteDir(path_).ok(), texts.empty());
  return texts;
}

}  // namespace liandong::routing::testing
