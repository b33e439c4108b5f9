#include "routing/load.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "routing/calendar_day.h"
#include "routing/check.h"
#include "routing/coverage.h"
#include "routing/coverage_findings.h"
#include "routing/limits.h"
#include "routing/source_text.h"

namespace liandong::routing {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".textproto";

// Gathers the files of one directory into one set, with where everything stands.
class Loader {
 public:
  Loader(std::string dir, CheckOptions options)
      : dir_(std::move(dir)),
        options_(options),
        findings_([this](const google::protobuf::Message& at, std::string_view field, int index) {
          return places_.Find(at, field, index);
        }) {}

  void Run() {
    ReadSettings();
    ReadList<v1::PartyFile>("parties.textproto", true, &v1::PartyFile::mutable_party, set_.mutable_party());
    ReadList<v1::RosterFile>("rosters.textproto", false, &v1::RosterFile::mutable_post, set_.mutable_post());
    ReadList<v1::DivisionFile>("divisions.textproto", true, &v1::DivisionFile::mutable_division,
                               set_.mutable_division());
    ReadList<v1::CategoryFile>("categories.textproto", true, &v1::CategoryFile::mutable_category,
                               set_.mutable_category());
    ReadList<v1::CalendarFile>("calendar.textproto", false, &v1::CalendarFile::mutable_holiday, set_.mutable_holiday());
    ReadList<v1::StatutoryFile>("statutory.textproto", false, &v1::StatutoryFile::mutable_statutory,
                                set_.mutable_statutory());
    // Without the lists every id of every agreement would look unknown.
    bool lists_whole = broken_.empty();
    ReadAgreements();
    if (lists_whole) CheckMeaning();
  }

  v1::SiteSet TakeSet() { return std::move(set_); }
  std::vector<Finding> TakeFindings() { return findings_.Take(); }

 private:
  void Fail(const std::string& file, const std::string& english, const std::string& chinese) {
    broken_.insert(file);
    findings_.Add({file, 0, 0, english, chinese, false});
  }

  bool Read(const std::string& file, bool required, std::string* text) {
    fs::path path = fs::path(dir_) / file;
    std::error_code error;
    if (!fs::exists(path, error)) {
      if (required) Fail(file, "is missing; write this file", "缺少此文件；请补上");
      return false;
    }
    auto bytes = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
    if (error || !fs::is_regular_file(path, error)) {
      Fail(file, "cannot be read; it must be a plain file with read permission", "无法读取；须为有读权限的普通文件");
      return false;
    }
    if (bytes > limits::kFileBytesMax) {
      Fail(file, absl::StrCat("has ", bytes, " bytes, too many; at most ", limits::kFileBytesMax),
           absl::StrCat("文件 ", bytes, " 字节，过大；最多 ", limits::kFileBytesMax));
      return false;
    }
    std::ifstream in(path, std::ios::binary);
    std::ostringstream all;
    if (bytes > 0) all << in.rdbuf();
    if (!in || !all) {
      Fail(file, "cannot be read; check its permissions", "无法读取；请检查权限");
      return false;
    }
    *text = std::move(all).str();
    return true;
  }

  const Parsed& Parse(const std::string& file, const std::string& text, google::protobuf::Message* message) {
    std::vector<Finding> own;
    const Parsed& parsed = parsed_.emplace_back(ParseSource(file, text, message, &own));
    if (!parsed.ok) broken_.insert(file);
    for (Finding& finding : own) findings_.Add(std::move(finding));
    return parsed;
  }

  void ReadSettings() {
    std::string text;
    if (!Read("settings.textproto", true, &text)) return;
    const Parsed& parsed = Parse("settings.textproto", text, set_.mutable_settings());
    places_.Register(set_.settings(), parsed);
  }

  template <typename File, typename Element>
  void ReadList(const std::string& file, bool required,
                google::protobuf::RepeatedPtrField<Element>* (File::*elements)(),
                google::protobuf::RepeatedPtrField<Element>* into) {
    std::string text;
    if (!Read(file, required, &text)) return;
    File message;
    const Parsed& parsed = Parse(file, text, &message);
    // Swapped, not copied: the elements keep their addresses, and have them from now on.
    into->Swap((message.*elements)());
    std::vector<const google::protobuf::Message*> pointers;
    for (const Element& element : *into) pointers.push_back(&element);
    places_.RegisterElements(*File::descriptor()->field(0), pointers, parsed);
  }

  void ReadAgreements() {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator it(fs::path(dir_) / "agreements", error), end; !error && it != end;
         it.increment(error)) {
      std::string name = it->path().filename().string();
      if (name.starts_with('.')) continue;
      if (name.ends_with(kSuffix)) {
        names.push_back(std::move(name));
      } else if (it->is_regular_file(error)) {
        findings_.Add({absl::StrCat("agreements/", name), 0, 0,
                       "is not read; an agreement's file name ends in .textproto",
                       "未读入；协议文件名须以 .textproto 结尾", true});
      }
    }
    if (names.empty()) {
      findings_.Add({"agreements", 0, 0, "holds no agreement; add agreements/NAME.textproto",
                     "没有协议；请添加 agreements/名称.textproto", true});
    }
    if (names.size() > limits::kAgreementFilesMax) {
      Fail("agreements", absl::StrCat(names.size(), " files are too many; at most ", limits::kAgreementFilesMax),
           absl::StrCat(names.size(), " 个文件，过多；最多 ", limits::kAgreementFilesMax));
      return;
    }
    std::sort(names.begin(), names.end());
    size_t bytes = 0;
    for (const std::string& name : names) {
      std::string file = absl::StrCat("agreements/", name), text;
      if (!Read(file, true, &text)) continue;
      bytes += text.size();
      if (bytes > limits::kSetBytesMax) {
        Fail(file, absl::StrCat("all agreements together exceed ", limits::kSetBytesMax, " bytes; split the site"),
             absl::StrCat("全部协议合计超过 ", limits::kSetBytesMax, " 字节；请拆分"));
        return;
      }
      v1::Agreement* agreement = set_.add_agreement();
      const Parsed& parsed = Parse(file, text, agreement);
      places_.Register(*agreement, parsed);
    }
  }

  // What a half-read file lacks is no finding of its own.
  void CheckMeaning() {
    Findings all([this](const google::protobuf::Message& at, std::string_view field, int index) {
      return places_.Find(at, field, index);
    });
    CheckSet(set_, options_.now_ms, &all, options_.expiry_days);
    if (options_.coverage && broken_.empty() && all.errors() == 0) {
      auto site = Site::CompileAdopted(set_);
      int32_t today = LocalDay(options_.now_ms, set_.settings().utc_offset_minutes());
      CheckCoverage(*site, set_, Cover(*site, today), &all);
    }
    for (Finding& finding : all.Take()) {
      if (broken_.count(finding.file) == 0) findings_.Add(std::move(finding));
    }
  }

  const std::string dir_;
  const CheckOptions options_;
  v1::SiteSet set_;
  std::deque<Parsed> parsed_;  // addresses stay
  Places places_;
  std::set<std::string> broken_;  // files with an error of their own
  Findings findings_;
};

absl::Status CheckDirectory(const std::string& dir) {
  std::error_code error;
  if (fs::is_directory(dir, error)) {
    fs::directory_iterator readable(dir, error);
    if (!error) return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat(
      "site directory \"", dir, "\" cannot be read; name a directory with settings.textproto in it / 站点目录 \"", dir,
      "\" 无法读取；请指定含有 settings.textproto 的目录"));
}

}  // namespace

absl::StatusOr<LoadedSite> LoadSiteDir(const std::string& dir) {
  if (absl::Status status = CheckDirectory(dir); !status.ok()) return status;
  Loader loader(dir, {});
  loader.Run();
  LoadedSite loaded;
  loaded.warnings = loader.TakeFindings();
  if (absl::Status status = StatusOf(loaded.warnings); !status.ok()) return status;
  loaded.site = loader.TakeSet();
  return loaded;
}

absl::StatusOr<std::vector<Finding>> CheckSiteDir(const std::string& dir, const CheckOptions& options) {
  if (absl::Status status = CheckDirectory(dir); !status.ok()) return status;
  Loader loader(dir, options);
  loader.Run();
  return loader.TakeFindings();
}

}  // namespace liandong::routing
