#include "adapters/text/xml.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "adapters/text/reason.h"

namespace liandong::adapters {
namespace {

using nlohmann::json;

std::string Reason(const absl::StatusOr<json>& result) { return std::string(ReasonOf(result.status())); }

TEST(XmlTest, GivesTheTreeThatJsonGives) {
  auto tree = ParseXml(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><JJDB v=\"1\">\n <JJDBH>3399</JJDBH><CDCL>消1</CDCL>"
      "<CDCL>消2</CDCL><empty/><BJNR> a &lt; b &amp;&#x706B;<![CDATA[<&>]]> </BJNR><p k=\"v\">t</p></JJDB>");
  ASSERT_TRUE(tree.ok()) << tree.status();
  EXPECT_EQ(*tree, json::parse(R"({"JJDB":{"@v":"1","JJDBH":"3399","CDCL":["消1","消2"],"empty":"",
                                  "BJNR":"a < b &火<&>","p":{"@k":"v","#text":"t"}}})"));
}

TEST(XmlTest, WhatItWritesItReads) {
  json content =
      json::parse(R"({"@v":"1","a":"x < y & \"z\"","list":["1","2",{"b":"火"}],"o":{"#text":"t","@k":"'v'"}})");
  for (Encoding encoding : {Encoding::kUtf8, Encoding::kGb18030, Encoding::kGbk}) {
    auto bytes = WriteXml(content, "root", encoding);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    EXPECT_EQ(DeclaredXmlEncoding(*bytes), encoding);
    auto tree = ParseXml(ToUtf8(*bytes, encoding).value());
    ASSERT_TRUE(tree.ok()) << tree.status() << *bytes;
    EXPECT_EQ((*tree)["root"], content);
  }
}

TEST(XmlTest, WritesNumbersAndLeavesOutNull) {
  EXPECT_EQ(WriteXml(json::parse(R"({"n":3,"x":2.5,"b":true,"z":null})"), "r").value(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><r><b>true</b><n>3</n><x>2.5</x></r>");
}

TEST(XmlTest, RefusesToWriteWhatXmlCannotSay) {
  for (const char* bad : {R"({"a b":1})", R"({"1a":1})", R"({"":1})", R"({"a":[[1]]})", R"({"@a":{}})",
                          "{\"a\":\"\\u0001\"}", R"({"a<b":1})", R"({"@":1})"}) {
    EXPECT_FALSE(WriteXml(json::parse(bad), "r").ok()) << bad;
  }
  EXPECT_FALSE(WriteXml(json::object(), "bad name").ok());
  EXPECT_FALSE(WriteXml(json::array(), "r").ok());
  EXPECT_FALSE(WriteXml(json{{"a", "\xFF"}}, "r").ok());
  EXPECT_FALSE(WriteXml(json{{"a", "\xF0\x9F\x94\xA5"}}, "r", Encoding::kGbk).ok());
  json deep = "x";
  for (int i = 0; i < 1000; ++i) deep = json{{"d", deep}};
  EXPECT_FALSE(WriteXml(deep, "r").ok());
}

TEST(XmlTest, RefusesEntitiesAndDeclarations) {
  for (const char* bad :
       {"<!DOCTYPE a><a/>", "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<!ENTITY x \"y\"><a/>", "<a>&x;</a>",
        "<a>&</a>", "<a b=\"&x;\"/>", "<a>&#0;</a>", "<a>&#x110000;</a>", "<a>&#xD800;</a>", "<a>&#;</a>",
        "<a>&#x;</a>", "<a>&#xG;</a>", "<a>&#1;</a>", "<!doctype a><a/>"}) {
    EXPECT_EQ(Reason(ParseXml(bad)), kReasonBadXml) << bad;
  }
  EXPECT_TRUE(ParseXml("<a>&amp;&lt;&gt;&quot;&apos;&#65;&#x4E00;</a>").ok());
}

TEST(XmlTest, RefusesWhatIsNotOneDocument) {
  for (const char* bad : {"",
                          "text",
                          "<a>",
                          "</a>",
                          "<a></b>",
                          "<a/><b/>",
                          "<a/>x",
                          "x<a/>",
                          "<a b/>",
                          "<a b=c/>",
                          "<a b='c/>",
                          "<a b='<'/>",
                          "<1/>",
                          "< a/>",
                          "<a",
                          "<!-- x",
                          "<a><![CDATA[x</a>",
                          "<?xml",
                          "<a>\x01</a>",
                          "<![CDATA[x]]><a/>",
                          "<a =\"1\"/>",
                          "<a></a></a>",
                          "<a><b></a></b>"}) {
    EXPECT_EQ(Reason(ParseXml(bad)), kReasonBadXml) << bad;
  }
  EXPECT_EQ(Reason(ParseXml("<a b='1' b='2'/>")), kReasonDuplicateKey);
  EXPECT_EQ(Reason(ParseXml("<a>\xBD\xE2</a>")), kReasonBadEncoding);
}

TEST(XmlTest, ErrorsHaveLineAndColumn) {
  auto bad = ParseXml("<a>\n  <b>&secret;</b>\n</a>");
  EXPECT_NE(bad.status().message().find("line 2, column 6"), std::string::npos) << bad.status();
  EXPECT_EQ(bad.status().message().find("secret"), std::string::npos) << bad.status();
}

TEST(XmlTest, BoundsHold) {
  auto nested = [](int depth) {
    std::string open;
    std::string close;
    for (int i = 0; i < depth; ++i) {
      open += "<a>";
      close += "</a>";
    }
    return open + close;
  };
  EXPECT_TRUE(ParseXml(nested(kTreeDepthMax)).ok());
  EXPECT_EQ(Reason(ParseXml(nested(kTreeDepthMax + 1))), kReasonTooDeep);
  EXPECT_EQ(Reason(ParseXml(nested(100000))), kReasonTooDeep);
  EXPECT_EQ(Reason(ParseXml(std::string(kNativeMessageBytesMax + 1, ' '))), kReasonTooLarge);
  std::string many = "<r>";
  for (size_t i = 0; i < kTreeNodesMax; ++i) many += "<a/>";
  EXPECT_EQ(Reason(ParseXml(many + "</r>")), kReasonTooManyValues);
}

TEST(XmlTest, EveryTruncationIsAnError) {
  std::string text = "<?xml version='1.0'?><JJDB a=\"1\"><b>起火&amp;</b><!-- c --><c/><![CDATA[x]]></JJDB>";
  ASSERT_TRUE(ParseXml(text).ok());
  for (size_t cut = 0; cut < text.size(); ++cut) EXPECT_FALSE(ParseXml(text.substr(0, cut)).ok()) << cut;
}

TEST(XmlTest, MutationsNeverCrashAndRoundTripWhenTheyParse) {
  const std::string text = "<JJDB a=\"1\"><b>起火&amp;</b><!-- c --><c/><c>2</c><![CDATA[x]]></JJDB>";
  std::mt19937 random(11);
  int parsed = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string mutant = text;
    for (unsigned edits = 1 + random() % 3; edits > 0; --edits) {
      size_t at = random() % mutant.size();
      switch (random() % 3) {
        case 0:
          mutant[at] = static_cast<char>(random());
          break;
        case 1:
          mutant.erase(at, 1 + random() % 4);
          if (mutant.empty()) mutant = "<a/>";
          break;
        default:
          mutant.insert(at, 1, "<>/\"'&;! =?-]["[random() % 14]);
      }
    }
    auto tree = ParseXml(mutant);
    if (!tree.ok()) {
      EXPECT_NE(ReasonOf(tree.status()), "") << tree.status();
      continue;
    }
    ++parsed;
    auto again = WriteXml(*tree->begin(), tree->begin().key());
    if (!again.ok()) continue;  // names with a colon in an unusual place
    EXPECT_EQ(ParseXml(*again).value(), *tree) << mutant;
  }
  EXPECT_GT(parsed, 100);
}

}  // namespace
}  // namespace liandong::adapters
