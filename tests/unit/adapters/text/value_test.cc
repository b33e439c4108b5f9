#include "adapters/text/value.h"

#include <gtest/gtest.h>

namespace liandong::adapters {
namespace {

using nlohmann::json;

TEST(ValueTest, NullInAllItsSpellingsIsAbsent) {
  for (const char* absent : {"null", "\"\"", "\"  \"", "\"NULL\"", "\"null\"", "\"Null\"", "\" null \""}) {
    EXPECT_TRUE(IsAbsent(json::parse(absent))) << absent;
  }
  for (const char* present : {"0", "false", "\"0\"", "\"nullable\"", "[]", "{}", "\"无\""}) {
    EXPECT_FALSE(IsAbsent(json::parse(present))) << present;
  }
}

TEST(ValueTest, Find) {
  json tree = json::parse(R"({"a":1,"b":"null","c":{}})");
  ASSERT_NE(FindValue(tree, "a"), nullptr);
  EXPECT_EQ(*FindValue(tree, "a"), 1);
  EXPECT_EQ(FindValue(tree, "b"), nullptr);
  EXPECT_EQ(FindValue(tree, "x"), nullptr);
  EXPECT_EQ(FindValue(json("text"), "a"), nullptr);
}

TEST(ValueTest, Conversions) {
  EXPECT_EQ(TextOf(json(7)), "7");
  EXPECT_EQ(TextOf(json(true)), "true");
  EXPECT_EQ(TextOf(json(120.5)), "120.5");
  EXPECT_EQ(TextOf(json(" x ")), " x ");
  EXPECT_EQ(TextOf(json::object()), std::nullopt);
  EXPECT_EQ(TextOf(json("NULL")), std::nullopt);
  EXPECT_EQ(IntegerOf(json(" 42 ")), 42);
  EXPECT_EQ(IntegerOf(json(-3)), -3);
  EXPECT_EQ(IntegerOf(json("4.2")), std::nullopt);
  EXPECT_EQ(IntegerOf(json(4.0)), std::nullopt);
  EXPECT_EQ(IntegerOf(json("99999999999999999999")), std::nullopt);
  EXPECT_EQ(NumberOf(json("119.9225")), 119.9225);
  EXPECT_EQ(NumberOf(json("nan")), std::nullopt);
  EXPECT_EQ(NumberOf(json("inf")), std::nullopt);
  EXPECT_EQ(NumberOf(json("1e999")), std::nullopt);
  EXPECT_EQ(NumberOf(json(true)), std::nullopt);
  EXPECT_EQ(NumberOf(json("12东")), std::nullopt);
}

}  // namespace
}  // namespace liandong::adapters
