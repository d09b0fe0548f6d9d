@echo off
rem Installs packager for this user, makes a workspace, and leaves a shortcut that opens its command window.
rem Safe to run again: it then updates. What follows the name is passed to pip, as: install.bat -i https://MIRROR/simple
setlocal
rem The messages are UTF-8.
chcp 65001 >nul
cd /d "%~dp0"
set "HOME_DIR=%LOCALAPPDATA%\packager"
set "WINDOW=%HOME_DIR%\window.cmd"
set "WORKSPACE=%USERPROFILE%\tingshu"

echo 正在安装 packager。需要几分钟，约 0.9 GB，请保持联网。
echo Installing packager. This takes some minutes and about 0.9 GB; stay connected to the network.
echo.

set "PYTHON="
for %%V in (3.13 3.12 3.11 3.10) do if not defined PYTHON py -%%V -c "import venv" >nul 2>nul && set "PYTHON=py -%%V"
if not defined PYTHON python -c "import sys, venv; sys.exit(sys.version_info[:2] not in [(3, n) for n in range(10, 14)])" >nul 2>nul && set "PYTHON=python"
if not defined PYTHON (
    echo 没有找到 Python 3.10 到 3.13。请从 https://www.python.org/downloads/ 安装，再双击一次本文件。
    echo No Python 3.10 to 3.13 was found. Install one from https://www.python.org/downloads/ and run this again.
    pause
    exit /b 1
)

if not exist "%HOME_DIR%" mkdir "%HOME_DIR%"
%PYTHON% -m venv "%HOME_DIR%\venv"
if errorlevel 1 (
    echo 无法建立 Python 环境。请看看磁盘满了没有，关掉正在运行的 packager，再双击一次本文件。
    echo No Python environment could be made. See whether the disk is full, close packager, and run this again.
    pause
    exit /b 1
)

"%HOME_DIR%\venv\Scripts\python.exe" -m pip install --disable-pip-version-check --quiet --upgrade %* .
if errorlevel 1 (
    echo 没有装成。多半是网络断了：请再双击一次本文件，会接着装。下载太慢时，可以换用国内的镜像：install.bat -i 镜像地址
    echo The installation failed, most often for lack of a network. Run this again. With a mirror: install.bat -i ADDRESS
    pause
    exit /b 1
)

"%HOME_DIR%\venv\Scripts\packager.exe" init "%WORKSPACE%" >nul 2>nul
if errorlevel 1 (
    echo 程序装好了，但建不成工作区 "%WORKSPACE%"。
    echo The program is installed, but the workspace "%WORKSPACE%" could not be made.
    pause
    exit /b 1
)

rem The window names its folders by variables, so that a Chinese user name does no harm in it.
>"%WINDOW%" echo @set "PATH=%%LOCALAPPDATA%%\packager\venv\Scripts;%%PATH%%"
>>"%WINDOW%" echo @cd /d "%%USERPROFILE%%\tingshu"
>>"%WINDOW%" echo @packager --help
powershell -NoProfile -Command "$q = [string][char]34; $desktop = [Environment]::GetFolderPath('Desktop'); $link = (New-Object -ComObject WScript.Shell).CreateShortcut((Join-Path $desktop 'packager.lnk')); $link.TargetPath = $env:ComSpec; $link.Arguments = '/k ' + $q + $env:WINDOW + $q; $link.Save()"
if errorlevel 1 (
    echo 桌面上的快捷方式没有建成。请双击这个文件打开命令窗口："%WINDOW%"
    echo No shortcut could be made on the desktop. Open this file instead: "%WINDOW%"
    pause
    exit /b 1
)

echo 装好了。以后请双击桌面上的 packager，在那个窗口里输入命令。第一条：packager demo
echo Installed. From now on open packager on the desktop, and type commands there. First: packager demo
pause
