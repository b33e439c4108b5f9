"""The screen of the demo: its certificate and feed key, people who can sign in, and the program itself."""
import re
import subprocess

from programs import Program, read_if_there, wait_until

PAGE = "adapters/screen/web/dist"
# account, person, party, role, what it is for
PEOPLE = (
    ("duty", "值班员", "command", "duty_officer", "指挥中心值班员 duty officer"),
    ("viewer", "观摩员", "command", "viewer", "只看 looks only"),
    ("power", "电力值班", "power-supply", "clerk", "供电公司 power supply"),
    ("fengping", "枫坪头镇值班", "town-fengping", "clerk", "乡镇 a township, on a telephone"),
)
FIRST_PASSWORD = re.compile(r"first sign-in: (\S+)")


def there(root, binaries):
    """Whether there is a screen to show: the program, and the page that npm has built."""
    return (binaries / "liandong-screen").exists() and (root / PAGE / "index.html").exists()


def _run(arguments):
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[0]} 失败 failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def prepare(folder, root, binaries):
    """Before the hub is started: only then accounts can be made without anybody. Returns (account, password, words)."""
    liandong = binaries / "liandong"
    _run([root / "deploy/feed_keys.sh", liandong, folder / "site", folder / "secrets", "screen"])
    _run([liandong, "pki", "issue", folder / "pki", "screen", "--dns", "localhost", "--ip", "127.0.0.1"])
    with open(folder / "hub.textproto", "a") as settings:
        settings.write('feed { listen: "127.0.0.1:0" key: "secrets/feed.curve" }\n')
    known = (folder / "site/parties.textproto").read_text()
    accounts = []
    for account, person, party, role, words in PEOPLE:
        if f'"{party}"' not in known:
            continue
        said = _run([binaries / "liandong-hub", "--config", folder / "hub.textproto", "account", "create", "--account", account, "--person", person,
                     "--party", party, "--role", role])
        accounts.append((account, FIRST_PASSWORD.search(said)[1], words))
    return accounts


def start(folder, root, binaries, hub_address, limit_s):
    """The running program and the address of its page."""
    settings = folder / "screen.textproto"
    settings.write_text(f"""\
party: "screen"
hub: "{hub_address}"
tls {{ ca: "pki/ca.crt" cert: "pki/screen.crt" key: "pki/screen.key" }}
feed_key: "secrets/screen.curve"
listen: "127.0.0.1:0"
https {{ cert: "pki/screen.crt" key: "pki/screen.key" }}
web_dir: "{root / PAGE}"
port_file: "screen.port"
""")
    program = Program("liandong-screen", [binaries / "liandong-screen", "--config", settings], folder / "screen.log")
    text = wait_until(lambda: read_if_there(folder / "screen.port"), "screen.port", limit_s, [program])
    return program, "https://" + dict(line.split(" ", 1) for line in text.splitlines())["https"]


def notice(address, accounts, folder):
    """What to do to see it, line by line."""
    lines = [f"大屏 the screen: {address}   (证书由本演示自签 the certificate is of the demo's own CA: {folder}/pki/ca.crt)",
             "登录 sign in (首次登录改口令 a new password is asked for):"]
    return lines + [f"  {account:<9} {password}   {words}" for account, password, words in accounts]
