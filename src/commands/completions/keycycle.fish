# keycycle completions for fish. To have them always:
#   keycycle completions fish > ~/.config/fish/completions/keycycle.fish
function __keycycle_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete $words[2..-1] ":$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c keycycle -f -a '(__keycycle_complete)'
