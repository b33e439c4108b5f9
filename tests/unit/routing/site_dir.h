// A site directory on disk, whole until a test breaks it.
#ifndef LIANDONG_TESTS_UNIT_ROUTING_SITE_DIR_H_
#define LIANDONG_TESTS_UNIT_ROUTING_SITE_DIR_H_

#include <string>
#include <vector>

namespace liandong::routing::testing {

// Has command, power, water, fire and the township qingshi; post power-leader; the county and the township's division;
// categories natural and natural.flood; agreements/a.textproto "power-2022". Removed with the object.
class SiteDir {
 public:
  SiteDir();
  ~SiteDir();
  SiteDir(const SiteDir&) = delete;
  SiteDir& operator=(const SiteDir&) = delete;

  const std::string& path() const { return path_; }
  void Write(const std::string& file, const std::string& text) const;
  // Replaces the first occurrence of a text, which must be there.
  void Replace(const std::string& file, const std::string& old_text, const std::string& new_text) const;
  void Remove(const std::string& file) const;
  void MakeDirectory(const std::string& name) const;

  // An agreement signed by this party, with one clause "4.2" that gives it a LEAD; line 5 is free for more.
  static std::string Agreement(const std::string& id, const std::string& party, const std::string& line5);

  // Texts of the errors that CheckSiteDir finds; checks that LoadSiteDir refuses the set exactly when there are some.
  std::vector<std::string> Errors() const;

 private:
  std::string path_;
};

}  // namespace liandong::routing::testing

#endif  // LIANDONG_TESTS_UNIT_ROUTING_SITE_DIR_H_
