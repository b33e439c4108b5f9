"""No source file passes 500 lines: what is longer is read by nobody as a whole."""
import tree

LINES_MAX = 500
ENDINGS = (".cc", ".h", ".proto", ".sh", ".py", ".mjs", ".ts", ".vue")


def check(path, text):
    lines = text.count("\n")
    if lines > LINES_MAX:
        return [f"{path}: {lines} lines; split it, {LINES_MAX} is the most"]
    return []


if __name__ == "__main__":
    tree.finish([finding for path in tree.files(*ENDINGS) for finding in check(path, tree.text(path))])
