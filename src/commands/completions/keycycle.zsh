#compdef keycycle
# keycycle completions for zsh. To have them always, put into ~/.zshrc, below compinit:
#   source <(keycycle completions zsh)
_keycycle() {
  local line word about
  local -a found
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      # What stands before the sign is no part of the file's name.
      [[ $PREFIX == --*=* ]] && compset -P 1 '*='
      _files
      return
    fi
    word=${${line%%$'\t'*}//:/\\:}
    about=${line#*$'\t'}
    found+=("$word${about:+:$about}")
  done < <("${words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" ":${(Q)PREFIX}" 2>/dev/null)
  _describe 'keycycle' found
}
if [[ $funcstack[1] == _keycycle ]]; then
  _keycycle "$@"
else
  compdef _keycycle keycycle
fi
