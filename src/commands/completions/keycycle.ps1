# keycycle completions for PowerShell. To have them always, put into $PROFILE:
#   keycycle completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName keycycle -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
    & $commandAst.CommandElements[0].Extent.Text __complete @words ":$wordToComplete" 2>$null | ForEach-Object {
        $word, $description = $_ -split [char]9, 2
        if ($word -eq ':files') {
            Get-ChildItem -Name -Path "$wordToComplete*" | ForEach-Object {
                [System.Management.Automation.CompletionResult]::new($_, $_, 'ProviderItem', $_)
            }
        } elseif ($word) {
            $tip = if ($description) { $description } else { $word }
            [System.Management.Automation.CompletionResult]::new($word, $word, 'ParameterValue', $tip)
        }
    }
}
