#!/bin/sh
# Installs packager for this user, makes a workspace, and leaves a shortcut that opens its command window.
# Safe to run again: it then updates. What follows the name is passed to pip, as: sh install.sh -i https://MIRROR/simple
set -u
cd "$(dirname "$0")" || exit 1

say() { printf '%s\n' "$@" ""; }

stop() {
    say "$@"
    if [ -t 0 ]; then
        printf '按回车键关闭。Press Enter to close. '
        read -r _
    fi
    exit 1
}

say "正在安装 packager。需要几分钟，约 0.9 GB，请保持联网。" \
    "Installing packager. This takes some minutes and about 0.9 GB; stay connected to the network."

python=""
for each in python3.13 python3.12 python3.11 python3.10 python3 python; do
    if "$each" -c 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; then
        python=$each
        break
    fi
done
[ -n "$python" ] || stop \
    "没有找到 Python 3.10 到 3.13。请从 https://www.python.org/downloads/ 安装，再运行一次。" \
    "（Debian、Ubuntu 上：sudo apt install python3-venv）" \
    "No Python 3.10 to 3.13 was found. Install one from https://www.python.org/downloads/ and run this again." \
    "(On Debian and Ubuntu: sudo apt install python3-venv)"

case $(uname) in
    Darwin) home="$HOME/Library/Application Support/packager" ;;
    *) home="${XDG_DATA_HOME:-$HOME/.local/share}/packager" ;;
esac
workspace="$HOME/tingshu"

mkdir -p "$home" && "$python" -m venv "$home/venv" || stop \
    "无法在 $home 里建立 Python 环境。请看看磁盘满了没有，再运行一次。" \
    "No Python environment could be made in $home. See whether the disk is full, and run this again."

"$home/venv/bin/python" -m pip install --disable-pip-version-check --quiet --upgrade "$@" . || stop \
    "没有装成。多半是网络断了：请再运行一次，会接着装。下载太慢时，可以换用国内的镜像：" \
    "    sh install.sh -i 镜像地址" \
    "The installation failed, most often for lack of a network. Run this again; a mirror can be faster:" \
    "    sh install.sh -i ADDRESS"

# The list of new files and the next command, which `init` prints, come at the end.
"$home/venv/bin/packager" init "$workspace" >/dev/null 2>&1 || stop \
    "程序装好了，但在 $workspace 里建不成工作区。请运行：$home/venv/bin/packager doctor" \
    "The program is installed, but no workspace could be made in $workspace. Run: $home/venv/bin/packager doctor"

cat >"$home/window.sh" <<END
#!/bin/sh
cd "$workspace" || cd
PATH="$home/venv/bin:\$PATH"
export PATH
packager --help
exec "\${SHELL:-/bin/sh}"
END
chmod +x "$home/window.sh"

desktop="$HOME/Desktop"
if [ "$(uname)" = Darwin ]; then
    shortcut="$desktop/packager.command"
    mkdir -p "$desktop" && cp "$home/window.sh" "$shortcut"
else
    desktop=$(xdg-user-dir DESKTOP 2>/dev/null || echo "$desktop")
    shortcut="${XDG_DATA_HOME:-$HOME/.local/share}/applications/packager.desktop"
    mkdir -p "$(dirname "$shortcut")"
    printf '%s\n' "[Desktop Entry]" "Type=Application" "Name=packager" "Name[zh_CN]=听书制作 packager" \
        "Exec=\"$home/window.sh\"" "Terminal=true" >"$shortcut"
    if [ -d "$desktop" ] && [ "$desktop" != "$HOME" ]; then
        cp "$shortcut" "$desktop/packager.desktop" && chmod +x "$desktop/packager.desktop"
    fi
fi

say "装好了。工作区：$workspace" \
    "以后请打开“packager”（在桌面上或应用程序菜单里），在那个窗口里输入命令。第一条：packager demo" \
    "Installed. The workspace: $workspace" \
    "From now on open “packager” on the desktop or in the menu of programs, and type commands there. First: packager demo"
